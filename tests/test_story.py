"""How a team really fails with streaming, and how each mistake ends in `samstream local`: the client gets what AWS
would give, the terminal names the rule and the way out, and the template mended so streams.

Each story is a template in tests/templates/story, and the lines of it that mend it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local_session import Session, free_port, running

STORIES = Path(__file__).parent / "templates" / "story"

_HAND_WRITTEN = "        Variables:\n          AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap\n"
_STREAMED = (
    "2015-03-31/functions/${Ticks.Arn}/invocations",
    "2021-11-15/functions/${Ticks.Arn}/response-streaming-invocations",
)
_MODE = ("POST\n                uri:", "POST\n                responseTransferMode: STREAM\n                uri:")


@dataclass(frozen=True)
class Story:
    """A template, its rule, what a request for `path` ends with, and what the terminal says of it."""

    name: str
    rule: str
    said: str
    mend: tuple[tuple[str, str], ...]
    status: int = 502
    path: str = "/ticks"

    def __str__(self) -> str:
        return self.name


STORIES_OF_502 = (
    Story(
        "stage_of_another_deployment",
        "W405",
        r"W405: stage live keeps a Deployment .* Let the stage's DeploymentId be a Ref",
        (("abc123", "!Ref Deployment"),),
    ),
    Story(
        "buffered_uri",
        "E204",
        r"this route can't be deployed: its mode is STREAM, but its Uri is the buffered one .*E204",
        (_STREAMED,),
        status=500,
    ),
    Story(
        "buffered_mode",
        "E204",
        r"this route can't be deployed: its Uri is the streaming one, but its mode isn't STREAM .*E204",
        (_MODE,),
        status=500,
    ),
    Story(
        "adapter_without_mode",
        "E301",
        r"E301: .* Set AWS_LWA_INVOKE_MODE to response_stream",
        ((_HAND_WRITTEN, f"{_HAND_WRITTEN}          AWS_LWA_INVOKE_MODE: response_stream\n"),),
    ),
    Story(
        "adapter_with_misspelt_mode",
        "E301",
        r"E301: .* Set AWS_LWA_INVOKE_MODE to response_stream",
        (("response-stream\n", "response_stream\n"),),
    ),
    Story(
        "adapter_behind_a_buffered_route",
        "E303",
        r"E303: .* Make the route stream, or let the function not",
        (_STREAMED, _MODE),
        path="/still",
    ),
    Story(
        "runtime_behind_a_buffered_route",
        "W304",
        r"W304: .* Make the route stream, or let the function not",
        (_STREAMED, _MODE),
        path="/still",
    ),
)

CUT = (
    Story(
        "function_ends_before_its_stream",
        "W204",
        r"connection cut: Sandbox.Timedout: .*; W204: raise the Timeout of Ticks",
        (("Timeout: 4\n", "Timeout: 60\n"),),
        status=200,
    ),
    Story(
        "silence_at_an_edge",
        "W402",
        r"connection cut: .* quiet .*; W402: set the EndpointConfiguration of Api to REGIONAL",
        (("[EDGE]", "[REGIONAL]"),),
        status=200,
    ),
)

IGNORED = Story(
    "mode_that_sam_ignores",
    "E108",
    r"GET /ticks  buffered ",
    (
        ("/opt/bootstrap}", "/opt/bootstrap, AWS_LWA_INVOKE_MODE: response_stream}"),
        ("ResponseTransferMode: STREAM", "ResponseTransferMode: RESPONSE_STREAM"),
    ),
    status=200,
)


def written(folder: Path, story: Story, *, mended: bool) -> tuple[str, ...]:
    """The project of a story in this folder; the options it is served with."""
    text = (STORIES / f"{story.name}.yaml").read_text()
    for wrong, right in story.mend if mended else ():
        assert wrong in text
        text = text.replace(wrong, right)
    (folder / "template.yaml").write_text(text)
    for code in ("app", "writer"):
        shutil.copytree(STORIES / code, folder / code)
    return ("--env", f"GATE={folder / 'gate'}", "--env", f"AWS_LWA_PORT={free_port()}")


def names(session: Session, story: Story) -> bool:
    """Whether the terminal has told of the rule before it said that it serves."""
    return any(f"[{story.rule}]" in line for line in session.printed)


@pytest.mark.parametrize("story", STORIES_OF_502, ids=str)
def test_a_mistake_answers_as_on_aws_and_the_terminal_names_its_rule(tmp_path: Path, story: Story) -> None:
    options = written(tmp_path, story, mended=False)
    (tmp_path / "gate").touch()
    with running(tmp_path, *options) as session:
        answer = httpx.get(session.address + story.path, timeout=20)
        assert (names(session, story), answer.status_code) == (True, story.status)
        assert answer.json() == {"message": "Internal server error"}
        session.until(story.said)


@pytest.mark.parametrize("story", CUT, ids=str)
def test_a_stream_that_aws_cuts_is_cut_in_the_middle_and_the_terminal_names_its_rule(
    tmp_path: Path, story: Story
) -> None:
    options = written(tmp_path, story, mended=False)
    faster = ("--speedup", "15") if story.rule == "W402" else ()
    with running(tmp_path, *options, *faster) as session, httpx.Client(timeout=20) as client:
        with client.stream("GET", session.address + story.path) as response:
            chunks = response.iter_raw()
            assert (names(session, story), response.status_code, next(chunks)) == (True, story.status, b"one")
            with pytest.raises(httpx.RemoteProtocolError):
                next(chunks)
        session.until(story.said)


def test_a_mode_that_sam_ignores_leaves_the_answer_whole_and_the_terminal_names_its_rule(tmp_path: Path) -> None:
    options = written(tmp_path, IGNORED, mended=False)
    (tmp_path / "gate").touch()
    with running(tmp_path, *options) as session:
        answer = httpx.get(session.address + IGNORED.path, timeout=20)
        assert (names(session, IGNORED), answer.headers["content-length"], answer.text) == (True, "6", "onetwo")
        session.until(IGNORED.said)


@pytest.mark.parametrize("story", [*STORIES_OF_502, *CUT, IGNORED], ids=str)
def test_the_mended_template_streams(tmp_path: Path, story: Story) -> None:
    options = written(tmp_path, story, mended=True)
    with running(tmp_path, *options) as session, httpx.Client(timeout=20) as client:
        with client.stream("GET", f"{session.address}/ticks") as response:
            chunks = response.iter_raw()
            assert (names(session, story), response.status_code, next(chunks)) == (False, 200, b"one")
            (tmp_path / "gate").touch()
            assert b"".join(chunks) == b"two"
        session.until(r"GET /ticks  stream ")
        assert client.get(session.address + story.path).text in ("", "onetwo")


def test_a_mode_written_by_hand_streams_here_and_the_terminal_says_that_a_stage_may_be_older(tmp_path: Path) -> None:
    story = STORIES_OF_502[0]
    options = written(tmp_path, story, mended=True)
    with running(tmp_path, *options) as session:
        told = [line for line in session.printed if "is a snapshot that keeps its logical id" in line]
    assert len(told) == 1


def test_a_tag_gives_the_deployment_a_new_id_so_nothing_is_said(tmp_path: Path) -> None:
    options = written(tmp_path, STORIES_OF_502[0], mended=True)
    path = tmp_path / "template.yaml"
    tagged = "  Ticks:\n    Metadata: {Streaming: true}\n"
    path.write_text("Transform: SamStream\n" + path.read_text().replace("  Ticks:\n", tagged))
    with running(tmp_path, *options) as session:
        told = [line for line in session.printed if "is a snapshot that keeps its logical id" in line]
    assert told == []
