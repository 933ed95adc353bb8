"""`samstream add`: what it writes, says and refuses."""

import json
import os
import pty
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.samples import EXECUTABLE, Ran, call, samstream, working_in
from samstream_cli.templates import parse

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31  # SAM

Parameters:
  Path: {Type: String, Default: /files}
Resources:
  Chat:  # answers
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Events:
        Ask:
          Type: Api
          Properties:
            Path: /chat
            Method: post

        List: {Type: Api, Properties: {Path: /list, Method: get}}
        Files: {Type: Api, Properties: {Path: !Ref Path, Method: get}}
        Old: {Type: HttpApi, Properties: {Path: /old, Method: get}}
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
"""

DIFF = """\
--- template.yaml
+++ template.yaml
@@ -1,5 +1,8 @@
 AWSTemplateFormatVersion: "2010-09-09"
-Transform: AWS::Serverless-2016-10-31  # SAM
+Transform:
+  - SamStream  # takes the tags off the events before SAM sees them
+  - AWS::Serverless-2016-10-31  # SAM
+  - SamStream  # rewrites what SAM generated
\x20
 Parameters:
   Path: {Type: String, Default: ****}
@@ -14,6 +17,7 @@
           Properties:
             Path: /chat
             Method: post
+            Streaming: true
\x20
         List: {Type: Api, Properties: {Path: /list, Method: get}}
         Files: {Type: Api, Properties: {Path: !Ref Path, Method: get}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Any:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with working_in(tmp_path):
        yield tmp_path


def text(name: str = "template.yaml") -> str:
    return Path(name).read_bytes().decode()


def add(capsys: Any, *arguments: str) -> Ran:
    return call(capsys, "add", "template.yaml", *arguments)


def lines(capsys: Any, *arguments: str) -> list[str]:
    """The lines that would be new, or go."""
    printed = add(capsys, *arguments, "--diff").out.splitlines()
    return [line for line in printed if line[:1] in "+-" and line[:3] not in ("+++", "---", "--r")]


def test_without_a_yes_it_shows_the_diff_and_writes_nothing(capsys: Any) -> None:
    ran = add(capsys, "POST /chat")
    assert (ran.code, ran.out, ran.err) == (2, DIFF, "Nothing was written. Add --yes to write it.\n")
    assert text() == TEMPLATE


def test_a_diff_alone_is_no_failure(capsys: Any) -> None:
    ran = add(capsys, "POST /chat", "--diff")
    assert (ran.code, ran.out, ran.err, text()) == (0, DIFF, "", TEMPLATE)


def test_with_a_yes_it_writes_and_a_second_run_changes_nothing(capsys: Any) -> None:
    ran = add(capsys, "POST /chat", "--yes")
    assert (ran.code, ran.out) == (0, f"{DIFF}Wrote template.yaml. Next: samstream check template.yaml\n")
    written = text()
    assert written != TEMPLATE
    ran = add(capsys, "Chat.Ask", "--yes")
    assert (ran.code, ran.out, text()) == (0, "POST /chat is tagged already.\n", written)
    ran = add(capsys, "Chat.Ask", "--remove", "--yes")
    assert (ran.code, ran.out.splitlines()[-1], text()) == (0, "Wrote template.yaml.", TEMPLATE)
    ran = add(capsys, "POST /chat", "--remove", "--yes")
    assert (ran.code, ran.out, text()) == (0, "POST /chat isn't tagged.\n", TEMPLATE)


def test_what_is_added_streams(capsys: Any) -> None:
    runnable = "index.handler\n      Runtime: nodejs22.x\n      CodeUri: ."
    Path("template.yaml").write_text(TEMPLATE.replace("index.handler", runnable).replace("!Ref Path", "/files"))
    add(capsys, "POST /chat", "ServerlessRestApi GET /list", "--yes")
    assert "2 of 3 routes stream." in call(capsys, "transform", "template.yaml").out


def test_several_routes_are_tagged_at_once_by_any_name(capsys: Any) -> None:
    tag = "+        List: {Type: Api, Properties: {Path: /list, Method: get, Streaming: true}}"
    assert lines(capsys, "post /chat", "Chat.List", "GET /list")[-2:] == [
        "-        List: {Type: Api, Properties: {Path: /list, Method: get}}",
        tag,
    ]


def test_the_functions_metadata_takes_a_list_that_grows(capsys: Any) -> None:
    assert lines(capsys, "--metadata", "POST /chat", "GET /list") == [
        "-Transform: AWS::Serverless-2016-10-31  # SAM",
        "+Transform:",
        "+  - AWS::Serverless-2016-10-31  # SAM",
        "+  - SamStream  # rewrites what SAM generated",
        "+    Metadata:",
        "+      Streaming: [POST /chat, GET /list]",
    ]
    add(capsys, "--metadata", "POST /chat", "--yes")
    middle = text()
    assert lines(capsys, "--metadata", "GET /list") == [
        "-      Streaming: [POST /chat]",
        "+      Streaming: [POST /chat, GET /list]",
    ]
    assert add(capsys, "POST /chat").out == "POST /chat is tagged already.\n"
    add(capsys, "--metadata", "GET /list", "--yes")
    add(capsys, "--remove", "GET /list", "--yes")
    assert text() == middle
    add(capsys, "--remove", "POST /chat", "--yes")
    assert text() == TEMPLATE


def test_all_routes_of_a_function_are_tagged_in_its_events_or_in_its_metadata(capsys: Any) -> None:
    assert [line for line in lines(capsys, "--all", "Chat") if "Streaming: true" in line] == [
        "+            Streaming: true",
        "+        List: {Type: Api, Properties: {Path: /list, Method: get, Streaming: true}}",
        "+        Files: {Type: Api, Properties: {Path: !Ref Path, Method: get, Streaming: true}}",
    ]
    assert lines(capsys, "--all", "Chat", "--metadata")[-2:] == ["+    Metadata:", "+      Streaming: true"]
    for style in ([], ["--metadata"]):
        add(capsys, "--all", "Chat", *style, "--yes")
        assert "tagged already" in add(capsys, "--all", "Chat", *style).out
        assert add(capsys, "--all", "Chat", "--remove", "--yes").code == 0
        assert text() == TEMPLATE
        assert add(capsys, "--all", "Chat", "--remove").out == "Chat isn't tagged.\n"


def test_a_route_of_a_tagged_function_is_not_taken_out_by_itself(capsys: Any) -> None:
    add(capsys, "--all", "Chat", "--metadata", "--yes")
    assert add(capsys, "--remove", "POST /chat").out == (
        "POST /chat streams by the tag of Chat; samstream add --remove --all Chat takes that out.\n"
    )


def test_remove_without_a_route_takes_every_tag_and_entry_out(capsys: Any) -> None:
    add(capsys, "POST /chat", "--yes")
    add(capsys, "--metadata", "GET /list", "--yes")
    tagged = text().replace("Resources:", "Globals:\n  Api:\n    Streaming: true\nResources:")
    Path("template.yaml").write_text(tagged)
    assert add(capsys, "--remove", "--yes").code == 0
    assert text() == TEMPLATE
    assert add(capsys, "--remove", "--yes").out == "There is nothing to do.\n"


def test_false_becomes_true_and_anything_else_is_left_alone(capsys: Any) -> None:
    for value, code in [("false", 2), ("!Ref Path", 2), ("{Enabled: false}", 2), ("[POST /x]", 2)]:
        Path("template.yaml").write_text(
            TEMPLATE.replace("Method: post", f"Method: post\n            Streaming: {value}")
        )
        ran = add(capsys, "POST /chat")
        assert ran.code == code
        if value == "false":
            assert "-            Streaming: false\n+            Streaming: true\n" in ran.out
            assert ran.out.endswith(
                "--remove takes this out again, but line 17 will then differ from what it is now.\n"
            )
        else:
            assert ran.err == (
                "samstream: template.yaml:17: Resources/Chat/Properties/Events/Ask/Properties/Streaming was left "
                "alone: something else than true or false stands there. Change it by hand.\n"
            )


def test_a_tag_that_says_yes_in_its_own_way_is_a_tag(capsys: Any) -> None:
    for value in ('"true"', "{TimeoutInMillis: 60000}"):
        Path("template.yaml").write_text(
            TEMPLATE.replace("Method: post", f"Method: post\n            Streaming: {value}")
        )
        ran = add(capsys, "POST /chat", "--diff")
        assert ran.out.endswith("POST /chat is tagged already.\n")
        assert "+  - SamStream  # rewrites what SAM generated" in ran.out


NATIVE = """\
Transform: [AWS::Serverless-2016-10-31]
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, ResponseTransferMode: RESPONSE_STREAM, Method: get}}
        B:
          Type: Api
          Properties:
            "ResponseTransferMode": "RESPONSE_STREAM"  # streams
            Path: /b
            Method: get
        C: {Type: Api, Properties: {Path: /c, Method: get, ResponseTransferMode: STREAM}}
"""


def test_sams_own_property_becomes_the_tag_in_its_place(capsys: Any) -> None:
    Path("template.yaml").write_text(NATIVE)
    ran = add(capsys, "--from-native", "--yes")
    expected = NATIVE.replace("ResponseTransferMode: RESPONSE_STREAM", "Streaming: true")
    expected = expected.replace('"ResponseTransferMode": "RESPONSE_STREAM"', '"Streaming": true')
    assert text() == expected.replace(
        "[AWS::Serverless-2016-10-31]", "[SamStream, AWS::Serverless-2016-10-31, SamStream]"
    )
    assert ran.out.splitlines()[-2] == (
        "Chat.C: its ResponseTransferMode was left as it is; where SAM ignores it, SamStream reads it."
    )


def test_a_template_without_sams_own_property_stays_as_it_is(capsys: Any) -> None:
    ran = add(capsys, "--from-native", "--yes")
    assert (ran.code, ran.out, text()) == (0, "There is nothing to do.\n", TEMPLATE)


HTTP_API = "is a route of an HTTP API, and HTTP APIs can't stream. Make it a route of a REST API: an event of Type Api."
KNOWN = "It has POST /chat, GET /list, GET /files, Chat.Ask, Chat.List, Chat.Files."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", 'no route is named. Name one, such as "POST /chat" or Function.Event, or use --all FUNCTION.'),
        ("--diff", "--diff writes nothing, so --yes has no meaning with it. Leave one of them out."),
        (
            "--from-native,GET /x",
            "--from-native is about all events, and puts tags there. Give it no other option or route.",
        ),
        ("GET /x,--macro-name,a b", "'a b' is no name of a macro. Give the name that it is installed by."),
        ("GET /x,--parameter,X=1", "the template has no parameter X. Check its spelling."),
        ("POST /chta", f"template.yaml has no route POST /chta. Did you mean POST /chat? {KNOWN}"),
        ("Chat.Aks", f"template.yaml has no route Chat.Aks. Did you mean Chat.Ask? {KNOWN}"),
        ("GET /old", f"GET /old {HTTP_API}"),
        ("Chat.Old", f"Chat.Old {HTTP_API}"),
        ("Chat.Nightly", "Chat.Nightly is an event of another kind, which has no route. Name an event of Type Api."),
        ("--all,Chta", "template.yaml has no function Chta. Did you mean Chat? It has Chat."),
    ],
)
def test_what_cannot_be_done_is_said(arguments: str, message: str, capsys: Any) -> None:
    ran = add(capsys, "--yes", *filter(None, arguments.split(",")))
    assert (ran.code, ran.out, ran.err) == (2, "", f"samstream: {message}\n")
    assert text() == TEMPLATE


def test_a_route_of_two_apis_is_named_with_one(capsys: Any) -> None:
    other = "        Other: {Type: Api, Properties: {Path: /chat, Method: post, RestApiId: Mine}}\n"
    Path("template.yaml").write_text(TEMPLATE + other)
    ran = add(capsys, "POST /chat")
    assert ran.err == (
        "samstream: POST /chat is a route of several APIs in template.yaml. "
        'Write one of "ServerlessRestApi POST /chat", "Mine POST /chat".\n'
    )
    assert lines(capsys, "Mine POST /chat", "--metadata")[-1] == "+      Streaming: [Mine POST /chat]"


def test_a_parameters_value_decides_which_route_it_is(capsys: Any) -> None:
    assert "has no route GET /x" in add(capsys, "GET /x").err
    assert add(capsys, "GET /x", "--parameter", "Path=/x", "--diff").code == 0


def test_no_secret_is_shown_beside_what_changes(capsys: Any) -> None:
    hidden = "      Environment:\n        Variables: {A: secret-1, B: 'secret-2', C: !Sub secret-3}\n      Events:"
    Path("template.yaml").write_text(TEMPLATE.replace("      Events:", hidden).replace("/files", "secret-4"))
    value = parse(text().encode(), "template.yaml")
    Path("one_line.json").write_text(json.dumps(value))
    properties = value["Resources"]["Chat"]["Properties"]
    properties["Environment"] = properties.pop("Environment")
    Path("variables_last.json").write_text(json.dumps(value))
    Path("lines.json").write_text(json.dumps(value, indent=2))
    for name in ("template.yaml", "one_line.json", "variables_last.json", "lines.json"):
        ran = call(capsys, "add", name, "--all", "Chat", "--metadata", "POST /chat", "--diff")
        assert (ran.code, "secret" in ran.out) == (0, False)
        ran = call(capsys, "add", name, "--all", "Chat", "--diff")
        assert (ran.code, "secret" in ran.out) == (0, False)


def test_of_a_long_line_only_what_changes_is_shown(capsys: Any) -> None:
    value = parse(TEMPLATE.encode(), "template.yaml")
    Path("template.json").write_text(json.dumps(value))
    ran = call(capsys, "add", "template.json", "POST /chat", "--diff")
    assert ran.out.splitlines() == [
        "--- template.json",
        "+++ template.json",
        "@@ line 1, column 57 @@",
        '-...matVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31", "Parameter...',
        '+...matVersion": "2010-09-09", "Transform": ["SamStream", "AWS::Serverless-2016-10-31", "Parameter...',
        "@@ line 1, column 85 @@",
        '-...Transform": "AWS::Serverless-2016-10-31", "Parameters": {"Path": {"Type": "Strin...',
        '+...Transform": "AWS::Serverless-2016-10-31", "SamStream"], "Parameters": {"Path": {"Type": "Strin...',
        "@@ line 1, column 337 @@",
        '-...ies": {"Path": "/chat", "Method": "post"}}, "List": {"Type": "Api", "Properties"...',
        '+...ies": {"Path": "/chat", "Method": "post", "Streaming": true}}, "List": {"Type": "Api", "Properties"...',
    ]


LOOP = """\
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Colours:
    - Colour
    - [Blue, Green]
    - Fn${Colour}:
        Type: AWS::Serverless::Function
        Properties:
          Events:
            Get: {Type: Api, Properties: {Path: !Sub "/${Colour}", Method: get}}
            Put: {Type: Api, Properties: {Path: /put, Method: !ImportValue method}}
"""


def test_an_event_in_a_loop_is_tagged_by_its_name_or_with_its_function(capsys: Any) -> None:
    Path("template.yaml").write_text(LOOP)
    assert lines(capsys, "Fn${Colour}.Get")[-1] == (
        '+            Get: {Type: Api, Properties: {Path: !Sub "/${Colour}", Method: get, Streaming: true}}'
    )
    assert [line.count("Streaming: true") for line in lines(capsys, "--all", "Fn${Colour}")] == [0, 0, 0, 0, 1, 1]
    assert lines(capsys, "--all", "Fn${Colour}", "--metadata")[-1] == "+          Streaming: true"
    assert add(capsys, "Fn${Colour}.Put", "--metadata").err == (
        "samstream: Fn${Colour}.Put has no route's name that Metadata could list. "
        "Use --all Fn${Colour} --metadata, or tag the event itself, without --metadata.\n"
    )


def test_a_byte_order_mark_windows_lines_permissions_and_links_stay(folder: Path, capsys: Any) -> None:
    data = b"\xef\xbb\xbf" + TEMPLATE.replace("\n", "\r\n").encode()
    real = folder / "real.yaml"
    real.write_bytes(data)
    real.chmod(0o640)
    Path("link.yaml").symlink_to("real.yaml")
    assert call(capsys, "add", "link.yaml", "POST /chat", "--yes").code == 0
    assert real.read_bytes().startswith(b"\xef\xbb\xbfAWS")
    assert real.read_bytes().count(b"\n") == real.read_bytes().count(b"\r\n") == TEMPLATE.count("\n") + 4
    assert (real.stat().st_mode & 0o777, Path("link.yaml").is_symlink()) == (0o640, True)
    assert call(capsys, "add", "link.yaml", "POST /chat", "--remove", "--yes").code == 0
    assert real.read_bytes() == data
    assert sorted(path.name for path in folder.iterdir()) == ["link.yaml", "real.yaml", "template.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_is_write_protected_stays(capsys: Any) -> None:
    Path("template.yaml").chmod(0o444)
    assert add(capsys, "POST /chat", "--yes").err.endswith(
        "can't be written: it is write-protected. Check its permissions.\n"
    )


def test_standard_input_is_answered_on_standard_output() -> None:
    ran = samstream("add", "-", "POST /chat", "--yes", stdin=TEMPLATE)
    assert (ran.code, ran.err) == (0, DIFF.replace("template.yaml", "<stdin>"))
    again = samstream("add", "-", "POST /chat", "--yes", stdin=ran.out)
    assert (again.out, again.err) == (ran.out, "POST /chat is tagged already.\n")
    ran = samstream("add", "-", "POST /chat", stdin=TEMPLATE)
    assert (ran.code, ran.out, ran.err) == (
        2,
        DIFF.replace("template.yaml", "<stdin>"),
        "Nothing was written. Add --yes to write it.\n",
    )


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\x04", 130)])
def test_on_a_terminal_it_asks_and_colours(answer: str, code: int) -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    command = [str(EXECUTABLE), "add", "template.yaml", "POST /chat"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    os.write(master, answer.encode())
    shown = _read(master)
    assert process.wait(60) == code
    assert "Write template.yaml? [y/N]" in shown
    assert "\x1b[32m+            Streaming: true\x1b[0m" in shown
    assert (text() == TEMPLATE) == (code != 0)


def _read(terminal: int) -> str:
    pieces = []
    try:
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    except OSError:  # the other end has gone
        pass
    os.close(terminal)
    return b"".join(pieces).decode()


def test_the_page_on_the_command_shows_what_it_prints(capsys: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "add.md").read_text()
    yaml, *rest = re.findall(r"^```(?:yaml|console)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    Path("template.yaml").write_text(yaml)
    for command in re.split(r"^\$ ", "".join(rest), flags=re.MULTILINE)[1:]:
        line, shown = command.split("\n", 1)
        ran = call(capsys, *shlex.split(line)[1:])
        assert (ran.code, ran.out) == (0, shown)


ONE = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {}
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
        B: {Type: Api, Properties: {Path: b, Method: get}}
        C: {Type: Api, Properties: {Path: /c, Method: get, ResponseTransferMode: STREAM}}
"""
COMMENTED = """\
Transform:
  - SamStream  # takes the tags off the events before SAM sees them
  - AWS::Serverless-2016-10-31
  - SamStream  # rewrites what SAM generated"""


LIST = """\
Transform:
- AWS::LanguageExtensions
- AWS::Serverless-2016-10-31
- Other"""
MARKED = """\
Transform:
- AWS::LanguageExtensions
- SamStream  # put here by samstream add, for tags on events
- AWS::Serverless-2016-10-31
- SamStream  # put here by samstream add
- Other"""


FIRST = "Transform: SamStream  # put here by samstream add"


@pytest.mark.parametrize(
    ("before", "of_event", "in_metadata"),
    [
        ("Transform: AWS::Serverless-2016-10-31", COMMENTED, COMMENTED.replace(COMMENTED.splitlines()[1] + "\n", "")),
        (LIST, MARKED, MARKED.replace(MARKED.splitlines()[2] + "\n", "")),
        (
            "Transform: [AWS::Serverless-2016-10-31]",
            "Transform: [SamStream , AWS::Serverless-2016-10-31 , SamStream]",
            "Transform: [AWS::Serverless-2016-10-31 , SamStream]",
        ),
        (
            "Transform: [AWS::Serverless-2016-10-31, {Name: SamStream, Parameters: {Strict: true}}]",
            "Transform: [SamStream , AWS::Serverless-2016-10-31, {Name: SamStream, Parameters: {Strict: true}}]",
            "Transform: [AWS::Serverless-2016-10-31, {Name: SamStream, Parameters: {Strict: true}}]",
        ),
        ("Transform: Other", "Transform:\n  - Other\n  - SamStream  # makes the tagged routes stream", None),
        ("Description: >\n  of two\n  lines", f"Description: >\n  of two\n  lines\n{FIRST}", None),
        ("# A comment", f"# A comment\n{FIRST}", None),
    ],
)
def test_entries_go_where_the_tags_need_them(before: str, of_event: str, in_metadata: str | None, capsys: Any) -> None:
    """Beside an event whose mode SamStream reads as a tag, so that what is left doesn't say whose an entry is."""
    for arguments, expected in (([], of_event), (["--metadata"], in_metadata or of_event)):
        Path("template.yaml").write_text(before + ONE)
        ran = add(capsys, "F.A", *arguments, "--yes")
        assert (ran.code, "differ" in ran.out) == (0, False)
        assert text().startswith(expected + "\nResources:")
        add(capsys, "F.A", "--remove", "--yes")
        assert text() == before + ONE


@pytest.mark.parametrize(
    ("section", "of_event"),
    [
        ('"AWS::Serverless-2016-10-31"', '["SamStream", "AWS::Serverless-2016-10-31", "SamStream"]'),
        ('["AWS::Serverless-2016-10-31"]', '["SamStream","AWS::Serverless-2016-10-31","SamStream"]'),
        (
            '[\n    "AWS::Serverless-2016-10-31"\n  ]',
            '[\n    "SamStream",\n    "AWS::Serverless-2016-10-31",\n    "SamStream"\n  ]',
        ),
        (
            '["Other", "AWS::Serverless-2016-10-31"]',
            '["Other", "SamStream", "AWS::Serverless-2016-10-31", "SamStream"]',
        ),
    ],
)
def test_what_json_listed_can_be_told_afterwards(section: str, of_event: str, capsys: Any) -> None:
    body = json.dumps(parse(ONE.replace(", ResponseTransferMode: STREAM", "").encode(), "t"), indent=2)[1:]
    before = f'{{\n  "Transform": {section},{body}'
    Path("t.json").write_text(before)
    assert call(capsys, "add", "t.json", "F.A", "--yes").code == 0
    assert text("t.json").startswith(f'{{\n  "Transform": {of_event},')
    assert call(capsys, "add", "t.json", "F.A", "--remove", "--yes").code == 0
    assert text("t.json") == before


def test_a_transform_that_is_a_map_is_left_alone(capsys: Any) -> None:
    Path("template.yaml").write_text("Transform: {Name: AWS::Include, Parameters: {Location: x}}" + ONE)
    assert add(capsys, "F.A", "--yes").err == (
        "samstream: template.yaml:1: Transform is neither a name nor a list of transforms. "
        "Make it a list by hand, with SamStream as its last item.\n"
    )


def test_a_tag_beside_the_properties_of_an_event_is_the_one_to_change(capsys: Any) -> None:
    tagged = ONE.replace("B: {Type: Api", "B: {Streaming: false, Type: Api")
    Path("template.yaml").write_text("Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]" + tagged)
    assert lines(capsys, "GET /b") == [
        "-        B: {Streaming: false, Type: Api, Properties: {Path: b, Method: get}}",
        "+        B: {Streaming: true, Type: Api, Properties: {Path: b, Method: get}}",
    ]


def test_operations_and_methods_are_tagged_where_they_are_written(capsys: Any) -> None:
    Path("template.yaml").write_text(PLAIN)
    for style in ([], ["--metadata"]):
        assert lines(capsys, "GET /a", "GET /", *style) == [
            "+Transform: SamStream",
            "-          /a: {get: {responses: {}}}",
            "+          /a: {get: {responses: {}, x-samstream-streaming: true}}",
            "+    Metadata:",
            "+      Streaming: true",
        ]
    add(capsys, "GET /a", "GET /", "--yes")
    assert add(capsys, "GET /a", "GET /", "--yes").out == "GET /a is tagged already.\nGET / is tagged already.\n"
    add(capsys, "GET /a", "--remove", "--yes")
    assert text() == PLAIN.replace("Resources", "Transform: SamStream\nResources", 1).replace(
        "  Root:\n    Type: AWS::ApiGateway::Method\n",
        "  Root:\n    Type: AWS::ApiGateway::Method\n    Metadata:\n      Streaming: true\n",
    )
    add(capsys, "GET /", "--remove", "--yes")
    assert text() == PLAIN
    assert add(capsys, "--all", "Idle").err == (
        "samstream: Idle has no route of a REST API. "
        "Name a function with events of Type Api, or with operations or Methods that invoke it.\n"
    )


PLAIN = """\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /a: {get: {responses: {}}}
  Root:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET}
  Idle: {Type: AWS::Lambda::Function}
"""


def test_places_that_hold_something_else_are_left_alone(capsys: Any) -> None:
    transform = "Properties: {Path: /a, Method: get, 'Fn::Transform': {Name: X}}"
    for old, new, arguments, why in [
        (
            "Metadata: {}",
            "Metadata: {Streaming: POST /x}",
            ["--metadata"],
            "F/Metadata/Streaming was left alone: it is",
        ),
        ("Metadata: {}", "Metadata: {Streaming: {Enabled: false, Routes: []}}", ["--metadata"], "its Enabled is false"),
        ("Metadata: {}", "Metadata: !Ref X", ["--metadata"], "F/Metadata was left alone: it is no plain map"),
        ("Properties: {Path: /a, Method: get}", transform, [], "Properties was left alone: it is no plain map"),
    ]:
        Path("template.yaml").write_text("Transform: AWS::Serverless-2016-10-31" + ONE.replace(old, new))
        ran = add(capsys, "GET /a", *arguments, "--yes")
        assert (ran.code, why in ran.err) == (2, True), ran


def test_routes_join_those_that_a_map_names(capsys: Any) -> None:
    tagged = ONE.replace("Metadata: {}", "Metadata:\n      Streaming:\n        Routes:\n          - GET /x")
    Path("template.yaml").write_text("Transform: [AWS::Serverless-2016-10-31, SamStream]" + tagged)
    assert lines(capsys, "GET /a", "--metadata") == ["+          - GET /a"]
    add(capsys, "GET /a", "--metadata", "--yes")
    add(capsys, "GET /a", "--remove", "--yes")
    assert text().endswith(tagged)
