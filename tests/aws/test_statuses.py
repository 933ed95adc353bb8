"""`samstream status` against an account in memory."""

import json
from typing import Any

import pytest

from aws.cloud import Cloud
from aws.running import install, no_sleep, report, template, text
from samstream_cli.aws.installation import Order
from samstream_cli.aws.regional import Attempts
from samstream_cli.aws.statuses import Status, read_status
from samstream_cli.status import look, print_statuses, to_document


def cloud_with_two() -> Cloud:
    cloud = Cloud()
    install(cloud)
    install(cloud, order=Order(template("3.0"), "samstream-v3", "SamStream-v3"))
    cloud.add("shop", status="CREATE_COMPLETE", parameters={"MacroName": "unrelated"})
    return cloud


def told(cloud: Cloud, stack: str | None = "samstream", *, drift: bool = False, regions: Any = ("eu-west-1",)) -> Any:
    attempts = Attempts(report())
    found = look(cloud.clients(), regions, stack, attempts, no_sleep if drift else None)
    return found, attempts


def test_the_stack_of_the_name_is_told() -> None:
    assert told(cloud_with_two(), regions=("eu-west-1", "us-east-1"))[0] == [
        Status(
            "eu-west-1", "samstream", "CREATE_COMPLETE", "SamStream", "2.0", "hash-of-2.0", "another's", "NOT_CHECKED"
        ),
        Status("us-east-1", "samstream"),
    ]


def test_all_stacks_that_hold_a_macro_are_found_and_no_other() -> None:
    found, _ = told(cloud_with_two(), None)
    assert [(one.stack, one.macro, one.version) for one in found] == [
        ("samstream", "SamStream", "2.0"),
        ("samstream-v3", "SamStream-v3", "3.0"),
    ]


@pytest.mark.parametrize(("installed", "source"), [("hash-of-2.0", "this package's"), ("x", "another's")])
def test_the_code_is_compared_with_this_packages(installed: str, source: str) -> None:
    client = cloud_with_two().clients().of("cloudformation", "eu-west-1")
    assert read_status(client, "eu-west-1", "samstream", installed).source == source


def test_an_older_stack_that_doesnt_tell_is_unknown() -> None:
    cloud = Cloud()
    cloud.add("samstream", status="CREATE_COMPLETE", parameters={"MacroName": "SamStream"})
    assert told(cloud)[0] == [
        Status("eu-west-1", "samstream", "CREATE_COMPLETE", "SamStream", drift="NOT_CHECKED"),
    ]


@pytest.mark.parametrize("drift", ["IN_SYNC", "DRIFTED"])
def test_drift_is_detected_where_it_is_asked_for(drift: str) -> None:
    cloud = cloud_with_two()
    cloud.drift = drift
    assert told(cloud, drift=True)[0][0].drift == drift


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"drift": "fails"}, "the drift of the stack samstream can't be told: No permission to read"),
        ({"denied": {"DetectStackDrift"}}, "no permission in eu-west-1: cloudformation:DetectStackDrift on arn:x"),
        ({"denied": {"DescribeStacks"}}, "no permission in eu-west-1: cloudformation:DescribeStacks on arn:x"),
        (
            {"denied": {"DescribeStackDriftDetectionStatus"}},
            "no permission in eu-west-1: cloudformation:DescribeStackDriftDetectionStatus on arn:x",
        ),
    ],
)
def test_what_cant_be_told_is_a_problem_of_its_region(setting: dict[str, Any], message: str) -> None:
    cloud = cloud_with_two()
    for name, value in setting.items():
        setattr(cloud, name, value)
    found, attempts = told(cloud, drift=True)
    problems = {region: [error.message for error in errors] for region, errors in attempts.problems.items()}
    assert (found, problems, attempts.exit_code) == ([], {"eu-west-1": [message]}, 1)


def test_the_table_has_a_line_a_stack() -> None:
    console = report()
    print_statuses(console, told(cloud_with_two(), regions=("eu-west-1", "us-east-1"))[0])
    assert text(console) == (
        "Region      Stack       State             Macro       Version   Code        Drift\n"
        "eu-west-1   samstream   CREATE_COMPLETE   SamStream   2.0       another's   NOT_CHECKED\n"
        "us-east-1   samstream   not installed     -           -         -           -\n"
    )


def test_the_document_has_the_same_and_the_problems() -> None:
    cloud = cloud_with_two()
    found, attempts = told(cloud, regions=("us-east-1",))
    cloud.denied = {"DescribeStacks"}
    look(cloud.clients(), ["eu-west-1"], "samstream", attempts, None)
    document = to_document(found, attempts)
    document.pop("package")
    assert json.loads(json.dumps(document)) == {
        "version": 1,
        "stacks": [
            {"region": "us-east-1", "stack": "samstream", "status": "not installed", "macro": "", "version": "",
             "source_hash": "", "source": "unknown", "drift": ""},
        ],
        "problems": {"eu-west-1": ["no permission in eu-west-1: cloudformation:DescribeStacks on arn:x"]},
    }  # fmt: skip


def test_all_that_is_refused_says_what_all_needs() -> None:
    cloud = cloud_with_two()
    cloud.denied = {"DescribeStacks"}
    _, attempts = told(cloud, None)
    advice = "--all needs cloudformation:DescribeStacks and ListStacks on *; leave it out for one stack."
    assert [error.remedy for error in attempts.problems["eu-west-1"]] == [advice]
