"""docs/comparison.md holds what the tools say today of the templates as they are today.

samstream and cfn-lint are run on all of them here, `sam validate` on three, since each run of it takes seconds.
"""

from importlib.metadata import version

from scripts import comparison
from scripts.comparison import CASES, CDK_RECORD, SAM_RECORD, digest, recorded

ASKED_AGAIN = ("E203/bad_streams_by_hand.json", "E108/bad_definition_body.yaml", "W401/bad_no_deployment.yaml")


def test_the_page_is_current() -> None:
    assert comparison.PAGE.read_text() == comparison.page()


def test_samstream_names_each_mistake_by_the_rule_it_breaks() -> None:
    said = comparison.samstream_says(CASES)

    rules = {template: [line[1:5] for line in lines] for template, lines in said.items()}
    assert rules == {case.template: [case.path.parent.name] for case in CASES}


def test_sam_still_says_what_is_recorded() -> None:
    says = recorded(SAM_RECORD)["says"]
    cases = [case for case in CASES if case.template in ASKED_AGAIN]

    assert comparison.sam_says(cases) == {template: says[template]["lines"] for template in ASKED_AGAIN}


def test_sam_was_asked_about_these_templates_in_this_version() -> None:
    record = recorded(SAM_RECORD)

    assert record["aws-sam-cli"] == version("aws-sam-cli")
    assert {template: of["digest"] for template, of in record["says"].items()} == {
        case.template: digest(case.path) for case in CASES
    }


def test_cdk_was_asked_about_these_mistakes() -> None:
    record = recorded(CDK_RECORD)

    assert record["app"] == digest(CDK_RECORD.with_suffix(".js"))
    assert set(record["says"]) <= {case.name for case in CASES}
