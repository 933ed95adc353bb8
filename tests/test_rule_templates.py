"""What `samstream check` says of every rule's templates, and that it finds no error in templates that are right."""

import json
from pathlib import Path

import pytest
from scripts.rule_findings import NAME, RULES, checked, findings_of, page

from corpus import BAD, GOOD, TEMPLATES, Case
from sam import deploy_case
from samstream.rules import ALL
from samstream_cli.checking import CheckSettings, check
from samstream_cli.templates import TemplateFile, read_template, template_file

IDS = [rule.id for rule in ALL]
FILES = sorted(path for path in RULES.glob("*/*") if path.name != NAME)


def name_of(template: Path) -> str:
    return f"{template.parent.name}/{template.name}"


def file_of(case: Case) -> TemplateFile:
    suffix = "json" if case.kind == "cdk" else "yaml"
    return read_template(str(TEMPLATES / case.kind / f"{case.name}.{suffix}"))


def failures(case: Case, file: TemplateFile) -> list[str]:
    """What would fail, or couldn't be checked to the end."""
    parameters = {
        name: ",".join(value) if isinstance(value, list) else str(value) for name, value in case.parameters.items()
    }
    settings = CheckSettings(case.region, parameters, environment={})
    findings = [located.finding for located in check(file, settings).findings]
    return [
        f"{finding.rule}: {finding.message}"
        for finding in findings
        if finding.severity == "error" or finding.rule == "W001"
    ]


def test_every_rule_has_a_folder() -> None:
    assert sorted(folder.name for folder in RULES.iterdir()) == sorted(IDS)


@pytest.mark.parametrize("rule", IDS)
def test_a_rule_has_three_bad_and_three_good_templates(rule: str) -> None:
    names = [path.name for path in (RULES / rule).iterdir()]
    assert {name for name in names if not name.startswith(("bad_", "good_"))} == {NAME}
    assert min(sum(name.startswith(kind) for name in names) for kind in ("bad_", "good_")) >= 3


@pytest.mark.parametrize("rule", IDS)
def test_the_findings_of_a_rules_templates_are_as_written(rule: str) -> None:
    assert (RULES / rule / NAME).read_text() == page(RULES / rule)


@pytest.mark.parametrize("template", FILES, ids=name_of)
def test_a_rules_template_says_first_what_is_special(template: Path) -> None:
    text = template.read_text()
    assert text.startswith("# ") if template.suffix == ".yaml" else json.loads(text)["Description"]


@pytest.mark.parametrize("template", [path for path in FILES if path.name.startswith("bad_")], ids=name_of)
def test_a_bad_template_is_wrong_in_one_way(template: Path) -> None:
    assert {located.finding.rule for located in checked(template).findings} == {template.parent.name}


@pytest.mark.parametrize("template", [path for path in FILES if path.name.startswith("bad_")], ids=name_of)
def test_a_finding_points_at_the_key_that_it_is_about(template: Path) -> None:
    lines = template.read_text().splitlines()
    for region, place in ((located.region, located.place) for located in checked(template).findings):
        if region is not None:
            assert lines[region.line - 1][region.column - 1 :].lstrip('"').startswith(str(place[-1]))


@pytest.mark.parametrize("template", [path for path in FILES if path.name.startswith("good_")], ids=name_of)
def test_nothing_is_found_in_a_good_template(template: Path) -> None:
    assert findings_of(template) == [f"{template.name}: nothing"]


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_right_template_would_not_fail(case: Case) -> None:
    assert failures(case, file_of(case)) == []


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_what_is_deployed_would_not_fail(case: Case) -> None:
    template = json.dumps(deploy_case(case).template).encode()
    assert failures(case, template_file("deployed.json", Path(), template)) == []


@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_wrong_template_would_fail(case: Case) -> None:
    assert failures(case, file_of(case)) != []
