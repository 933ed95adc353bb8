"""Records in comparison.json what `cdk synth` says of the mistakes of comparison.js, for docs/comparison.md.

Needs Node.js: `npm install && python comparison.py`. With a folder, the synthesized templates are written there.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
APP = HERE / "comparison.js"
RECORD = HERE / "comparison.json"

CLI = "aws-cdk@2.1148.1"
_CDK = ("npx", "--yes", CLI, "synth", "--app", "node comparison.js", "--json", "--no-notices", "--no-path-metadata")
_NOISE = re.compile(
    r'npm |"use strict"|/\S+:\d+$|\s+(at |\.\.\.)|Node\.js v|.*(feature flags are not|Subprocess exited)'
)
"""Lines that are not about the mistake: of npm, of the feature flags of an app, and what Node.js adds to an error."""


def record(target: Path | None) -> dict[str, Any]:
    """What cdk prints for each mistake beside the template itself."""
    names = _run("node", "comparison.js").stdout.split()
    says: dict[str, Any] = {}
    for name in names:
        with tempfile.TemporaryDirectory() as output:
            done = _run(*_CDK, "--output", output, "-c", f"mistake={name}")
        says[name] = {"exit": done.returncode, "lines": _lines(done.stderr)}
        if done.returncode and not says[name]["lines"]:
            raise SystemExit(f"cdk failed for a reason of its own:\n{done.stderr}")
        if target is not None and done.stdout:
            (target / f"{name.replace('/', '_')}.json").write_text(done.stdout)
        print(name, *says[name]["lines"], sep="\n  ")
    library = json.loads((HERE / "node_modules/aws-cdk-lib/package.json").read_text())["version"]
    versions = {"aws-cdk": CLI.partition("@")[2], "aws-cdk-lib": library}
    return {**versions, "app": hashlib.sha256(APP.read_bytes()).hexdigest()[:16], "says": says}


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True)


def _lines(stderr: str) -> list[str]:
    """The errors, warnings and notes, without the codes in guillemets that errors begin with."""
    lines = [line.rstrip() for line in stderr.splitlines()]
    return [re.sub(r"^«\w+» ", "", line) for line in lines if line and not _NOISE.match(line)]


def main() -> int:
    target = Path(sys.argv[1]).resolve() if sys.argv[1:] else None
    RECORD.write_text(json.dumps(record(target), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
