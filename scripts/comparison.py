"""Writes the tables of docs/comparison.md: what four tools say of the same mistakes.

`sam validate` takes seconds a template, so what it says is kept in comparison.json beside, with the digest of each
template; `--sam` asks it again about those that changed. What cdk synth says is recorded by scripts/cdk/comparison.py.
`--check` only says whether the page is current, and asks sam nothing.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from samstream_cli.checking import CheckSettings, check
from samstream_cli.templates import read_template

HERE = Path(__file__).parent
ROOT = HERE.parent
RULES = ROOT / "tests" / "templates" / "rules"
PAGE = ROOT / "docs" / "comparison.md"
SAM_RECORD = HERE / "comparison.json"
CDK_RECORD = HERE / "cdk" / "comparison.json"

BEGIN = "<!-- Made by scripts/comparison.py -->"
END = "<!-- Until here -->"

REGION = "eu-west-1"
NOTHING = "nothing"
CANNOT = "can't be written"

_ENVIRONMENT = {
    **os.environ,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAM_CLI_TELEMETRY": "0",
}

Said = Mapping[str, list[str]]
"""What a tool says of each template, by its path below tests/templates/rules."""


@dataclass(frozen=True)
class Case:
    """One broken template, the mistake in it, and what comes of it on AWS."""

    template: str
    mistake: str
    on_aws: str

    @property
    def path(self) -> Path:
        return RULES / self.template

    @property
    def name(self) -> str:
        return self.template.rpartition(".")[0]


_FAILS = "the deployment fails"
_BUFFERED = "stays buffered, in silence"

CASES = (
    Case("E204/bad_mode_alone.yaml", "`STREAM` with the buffered Uri", _FAILS),
    Case("E204/bad_uri_alone.yaml", "the streaming Uri without the mode", _FAILS),
    Case("E204/bad_sams_word.json", "SAM's word for the mode in an OpenAPI body", _FAILS),
    Case("E202/bad_aws_integration_by_hand.yaml", "`STREAM` on an integration that is no proxy", _FAILS),
    Case("E203/bad_streams_by_hand.json", "a timeout below 50 ms", _FAILS),
    Case("E401/bad_stage_description.yaml", "a Deployment that can't be replaced (tagged)", "the update fails"),
    Case("E108/bad_lower_case.yaml", "SAM's own property in lower case", _BUFFERED),
    Case("E108/bad_parameter.yaml", "SAM's own property by a parameter", _BUFFERED),
    Case("E108/bad_definition_body.yaml", "SAM's own property beside a DefinitionBody", _BUFFERED),
    Case("E107/bad_sam_only.yaml", "a tag, and no SamStream listed (tagged)", _BUFFERED),
    Case("E201/bad_misspelt_route.yaml", "a route that isn't there (tagged)", "samstream refuses it"),
    Case("E103/bad_http_api.yaml", "an HTTP API, which can't stream (tagged)", "samstream refuses it"),
    Case("W401/bad_no_deployment.yaml", "no Deployment", "callers keep what was deployed before"),
    Case("W405/bad_deployment_id_by_parameter.yaml", "a stage of another Deployment", "stays as it was, in silence"),
    Case("E301/bad_misspelt.yaml", "the adapter's mode misspelt", "502"),
    Case("E303/bad_no_route_streams.yaml", "the adapter streams and the route doesn't", "502"),
    Case("W303/bad_java_by_hand.yaml", "a runtime that can't stream", "502"),
    Case("W304/bad_get_streams_post_does_not.yaml", "one function behind both modes", "502 on one of the routes"),
    Case("W305/bad_function_url.yaml", "a buffered function URL beside", "its callers can't read the answers"),
    Case("W308/bad_no_permission.yaml", "no permission to invoke", "500"),
    Case("W203/bad_sams_own_property.yaml", "a function that runs longer than the route waits", "cut off after 29 s"),
    Case("W203/bad_http_proxy_by_hand.yaml", "an HTTP_PROXY without a timeout", "cut off after 29 s"),
    Case("W204/bad_by_hand.yaml", "a route that waits longer than its function runs", "cut off with `curl: (18)`"),
    Case("W306/bad_globals.yaml", "a function with Lambda's default Timeout", "cut off after 3 s"),
    Case("W402/bad_edge_of_globals.yaml", "an edge-optimized endpoint", "cut off when silent for 30 s"),
    Case("W403/bad_route_cached.yaml", "a streaming route that is cached", "not supported together"),
    Case("W404/bad_compression_of_globals.yaml", "an API that compresses", "not supported together"),
)


def samstream_says(cases: Iterable[Case]) -> Said:
    settings = CheckSettings(REGION, environment={})
    return {case.template: list(_findings(case, settings)) for case in cases}


def _findings(case: Case, settings: CheckSettings) -> Iterator[str]:
    for located in check(read_template(str(case.path)), settings).findings:
        line = f"line {located.region.line}" if located.region else "the file"
        yield f"[{located.finding.rule}](rules.md), {line}"


def cfn_lint_says(cases: Iterable[Case]) -> Said:
    said: dict[str, list[str]] = {case.template: [] for case in cases}
    done = _tool("cfn-lint", "--format", "json", "--regions", REGION, "--", *said)
    for match in json.loads(done.stdout):
        line = match["Location"]["Start"]["LineNumber"]
        said[match["Filename"]].append(f"{match['Rule']['Id']}: {match['Message']}, line {line}")
    return said


def sam_says(cases: Iterable[Case]) -> Said:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(lambda case: (case.template, _sam_lines(case)), cases))


def _sam_lines(case: Case) -> list[str]:
    done = _tool("sam", "validate", "--lint", "--region", REGION, "--template", case.template)
    if done.returncode == 0:
        return []
    lines = (line.strip().removeprefix("[[").removesuffix("]") for line in (done.stdout or done.stderr).splitlines())
    return [line.replace("] (", " (", 1) for line in lines if line]


def _tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / name), *arguments]
    return subprocess.run(command, cwd=RULES, env=_ENVIRONMENT, check=False, capture_output=True, text=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def recorded(path: Path) -> Any:
    return json.loads(path.read_text())


def record_sam() -> None:
    """Asks sam about the templates that changed since it was asked, all of them if sam itself did."""
    current = version("aws-sam-cli")
    before = recorded(SAM_RECORD)
    known = before["says"] if before["aws-sam-cli"] == current else {}
    digests = {case.template: digest(case.path) for case in CASES}
    stale = [case for case in CASES if known.get(case.template, {}).get("digest") != digests[case.template]]
    said = {**{name: of["lines"] for name, of in known.items()}, **sam_says(stale)}
    says = {name: {"digest": of, "lines": said[name]} for name, of in digests.items()}
    SAM_RECORD.write_text(json.dumps({"aws-sam-cli": current, "says": says}, indent=1) + "\n")


def page() -> str:
    """The page as it stands, with tables of fresh runs and of what is recorded."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n{_tables()}\n{END}{rest.partition(END)[2]}"


def _tables() -> str:
    sam, cdk = recorded(SAM_RECORD), recorded(CDK_RECORD)
    by_tool: dict[str, Callable[[Case], str]] = {
        "samstream check": _cells(samstream_says(CASES)),
        f"cfn-lint {version('cfn-lint')}": _cells(cfn_lint_says(CASES)),
        f"sam validate --lint {sam['aws-sam-cli']}": _cells({name: of["lines"] for name, of in sam["says"].items()}),
        f"cdk synth {cdk['aws-cdk']}, library {cdk['aws-cdk-lib']}": lambda case: _cdk_cell(cdk["says"], case),
    }
    counts = [["Tool", "Says something of"], *([tool, _count(cell)] for tool, cell in by_tool.items())]
    rows = [["The mistake", "On AWS", *by_tool]]
    for case in CASES:
        link = f"[{case.mistake}](../tests/templates/rules/{case.template})"
        rows.append([link, case.on_aws, *(cell(case) for cell in by_tool.values())])
    return f"{_table(counts)}\n{_table(rows)}"


def _table(rows: list[list[str]]) -> str:
    head, *body = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))


def _cells(said: Said) -> Callable[[Case], str]:
    return lambda case: "<br>".join(map(_plain, said[case.template])) or NOTHING


def _cdk_cell(said: Mapping[str, Any], case: Case) -> str:
    return "<br>".join(map(_plain, said[case.name]["lines"])) or NOTHING if case.name in said else CANNOT


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _count(cell: Callable[[Case], str]) -> str:
    cells = [cell(case) for case in CASES if cell(case) != CANNOT]
    return f"{sum(text != NOTHING for text in cells)} of {len(cells)}"


def main() -> int:
    if "--sam" in sys.argv[1:]:
        record_sam()
    fresh = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text() == fresh else 1
    PAGE.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
