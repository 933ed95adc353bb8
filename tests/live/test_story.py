from pathlib import Path

import pytest
from scripts.live.sending import Reply
from scripts.live.story import ROUTES, SLOW, Story, is_as_expected, tell

from live.cloud import Gateway, LiveCloud, account, bucket_service, manner, text_of
from samstream_cli.aws.errors import AwsError
from samstream_cli.errors import ExitCode

NAME = "samstream-live-1234abcd"
AT_ONCE, IN_PARTS = Reply(200, first=2.0, last=2.0), Reply(200, first=0.2, last=4.0)


class Example(Gateway):
    """Streams while the example's stack has been deployed with tags."""

    def __init__(self, cloud: LiveCloud) -> None:
        super().__init__()
        self.cloud = cloud

    def send(self, method: str, url: str, body: str) -> Reply:
        super().send(method, url, body)
        transform = self.cloud.stack(name=f"{NAME}-example").template["Transform"]
        return IN_PARTS if NAME in transform else AT_ONCE


def test_the_story_is_told_to_its_end_and_leaves_nothing(tmp_path: Path) -> None:
    cloud, how = LiveCloud(), manner()
    with bucket_service() as objects:
        example = Example(cloud)
        story = Story(account(cloud, tmp_path, objects), NAME, example.send, lambda: b"zip")
        assert tell(story, how) == ExitCode.OK
        assert objects.list_buckets()["Buckets"] == []

    steps = ["build the example", "make a bucket", "install the macro"]
    steps += ["deploy without tags", *ROUTES, "apply the tags", *ROUTES, "plan it again", "nothing would change"]
    steps += ["take the tags away", *ROUTES, "nothing is left"]
    assert [row.split(" | ")[:2] for row in text_of(how.out).splitlines()[2:]] == [
        [f"| {step}", "yes"] for step in steps
    ]
    assert {status for _, _, status in cloud.names()} == {"DELETE_COMPLETE"}
    assert story.account.ledger.left() == []


def test_a_route_that_stays_buffered_is_not_as_expected(tmp_path: Path) -> None:
    cloud, how = LiveCloud(), manner()
    with bucket_service() as objects:
        story = Story(account(cloud, tmp_path, objects), NAME, Gateway(AT_ONCE).send, lambda: b"zip")
        assert tell(story, how) == ExitCode.WOULD_FAIL
    wrong = [what for what, is_right, _ in story.rows if not is_right]
    assert wrong == sorted(SLOW, key=list(ROUTES).index)


@pytest.mark.parametrize("step", ["CreateChangeSet", "ExecuteChangeSet", "DescribeStacks"])
def test_a_story_that_fails_says_where_and_leaves_nothing(step: str, tmp_path: Path) -> None:
    cloud, how = LiveCloud(), manner()
    cloud.denied = {step}
    cloud.after[step] = cloud.denied.clear
    with bucket_service() as objects:
        story = Story(account(cloud, tmp_path, objects), NAME, Gateway().send, lambda: b"zip")
        assert tell(story, how) == ExitCode.WOULD_FAIL
        assert objects.list_buckets()["Buckets"] == []
    assert next(what for what, is_right, _ in story.rows if not is_right) == "install the macro"
    assert f"cloudformation:{step}" in text_of(how.err)


def test_a_bucket_of_another_region_or_none_is_removed_without_a_word(tmp_path: Path) -> None:
    with bucket_service() as objects:
        here = account(LiveCloud(), tmp_path, objects)
        here.create_bucket(NAME, "key", b"content")
        place = objects.get_bucket_location(Bucket=NAME)["LocationConstraint"]
        made = here.ledger.left()[0]
        here.remove(made)
        here.remove(made)
        assert (place, here.ledger.left()) == ("eu-west-1", [])
        with pytest.raises(AwsError):
            here.create_bucket("No Name", "key", b"content")


@pytest.mark.parametrize(
    ("route", "reply", "streams", "expected"),
    [
        ("POST /chat", IN_PARTS, True, True),
        ("POST /chat", AT_ONCE, True, False),
        ("POST /chat", IN_PARTS, False, False),
        ("GET /about", AT_ONCE, True, True),
        ("GET /about", Reply(502), False, False),
        ("GET /about", Reply(200, ending="cut"), True, False),
    ],
)
def test_an_answer_is_as_expected(route: str, reply: Reply, *, streams: bool, expected: bool) -> None:
    assert is_as_expected(route, reply, streams=streams) == expected
