"""`samstream openapi` as users call it: what it prints, what it writes, and its exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.samples import Ran, call
from openapi.converting import APPS, of_document, operation
from samstream_cli.openapi.integrations import Wiring
from samstream_cli.yaml_loader import load_yaml


def openapi(capsys: Any, name: str, *options: str) -> Ran:
    return call(capsys, "openapi", name, "--function", "App", "--app-dir", str(APPS), *options)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    operations = {"post": {"responses": {}}, "get": {"tags": ["a"]}}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T"}, "paths": {"/chat": operations}}))
    return path


def test_the_definition_is_printed_and_the_report_goes_to_standard_error(capsys: Any) -> None:
    ran = openapi(capsys, "websockets:app", "--stream", "GET /rooms")
    assert ran.code == 0
    assert load_yaml(ran.out)["paths"]["/rooms"]["get"]["x-samstream-streaming"] is True
    assert [line for line in ran.err.splitlines() if not line.startswith("Importing")] == [
        "Route        Answer   Why",
        "GET /rooms   STREAM   --stream names it",
        "1 of 1 route streams.",
        "",
        "Left out or written otherwise:",
        "What            Where          Why",
        "the WebSocket   /talk/{room}   REST APIs have none; a WebSocket API is one of its own",
    ]


def test_a_file_is_written_in_the_format_of_its_name_and_never_over_another(
    capsys: Any, document: Path, tmp_path: Path
) -> None:
    for name in ("out.yaml", "out.json"):
        target = tmp_path / name
        ran = openapi(capsys, str(document), "--output", str(target))
        assert (ran.code, ran.err) == (0, f"Wrote {target}.\n")
        assert "GET /chat" in ran.out
        refused = openapi(capsys, str(document), "--output", str(target))
        assert (refused.code, refused.err.startswith(f"samstream: {target} exists already")) == (2, True)
        before = target.read_bytes()
        assert openapi(capsys, str(document), "--output", str(target), "--force").code == 0
        assert target.read_bytes() == before
    assert load_yaml((tmp_path / "out.yaml").read_text()) == json.loads((tmp_path / "out.json").read_text())
    assert "!Sub" not in (tmp_path / "out.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--stream", "POST /chta"), "--stream POST /chta: the app has no such route. Did you mean POST /chat?"),
        (("--stream", "chat"), "--stream 'chat' is no route. Write a method and a path such as"),
        (("--function", "My-App"), "--function 'My-App' is no logical id. It has letters and digits only."),
        (("--cors", "https://a.example'"), '--cors "https://a.example\'" is no origin. Write https://example.com'),
        (("--output", "-", "--template", "-"), "definition and template can't both be printed."),
        (("--output", "gone/a.yaml"), "gone is no directory. Make it first."),
    ],
)
def test_options_that_mean_nothing_are_refused(
    capsys: Any, document: Path, options: tuple[str, ...], message: str
) -> None:
    ran = openapi(capsys, str(document), *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"samstream: {message}")


def test_definition_and_template_need_two_files(capsys: Any, document: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "a.yaml")
    ran = openapi(capsys, str(document), "--output", target, "--template", target)
    assert (ran.code, ran.err) == (2, "samstream: definition and template can't be the same file. Name two.\n")


def test_details_list_every_place(capsys: Any) -> None:
    few = openapi(capsys, "deprecated:app", "--no-models").err
    all_of_them = openapi(capsys, "deprecated:app", "--no-models", "--details").err
    assert "/openapi.json, /docs and 2 more" in few
    assert "/openapi.json, /docs, /docs/oauth2-redirect, /redoc" in all_of_them
    assert "--details lists every place." in few
    assert "--details" not in all_of_them


def test_resolved_every_route_of_the_function_streams_as_the_macro_would_make_it() -> None:
    wiring = Wiring("Fn", resolved=True, timeout=300)
    conversion = of_document({"/": {"get": {}}, "/chat": {"post": {}}}, "POST /chat", wiring=wiring)
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {
            "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Fn.Arn}"
            "/response-streaming-invocations"
        },
        "responseTransferMode": "STREAM",
        "timeoutInMillis": 300_000,
    }
    paths = conversion.definition["paths"]
    assert [paths["/"]["get"], paths["/chat"]["post"]] == [
        {"responses": {"200": {"description": "The app's answer"}}, "x-amazon-apigateway-integration": integration}
    ] * 2
    buffered = of_document({"/": {"get": {}}}, wiring=wiring).definition["paths"]["/"]["get"]
    assert "2015-03-31" in buffered["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]


def test_preflights_name_the_methods_and_headers_of_their_path_and_leave_the_apps_own_alone() -> None:
    header = {"name": "X-Mine", "in": "header"}
    paths = {"/a/{id}": {"get": {"parameters": [header]}, "delete": {}}, "/b": {"options": {}}}
    conversion = of_document(paths, wiring=Wiring("App", cors="https://example.com"))
    preflight = conversion.definition["paths"]["/a/{id}"]["options"]
    assert preflight["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"] == {
        "method.response.header.Access-Control-Allow-Headers": (
            "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,X-Mine'"
        ),
        "method.response.header.Access-Control-Allow-Methods": "'DELETE,GET,OPTIONS'",
        "method.response.header.Access-Control-Allow-Origin": "'https://example.com'",
    }
    assert conversion.problems == ()
    assert operation(conversion, "options", "/b") == {"responses": {"200": {"description": "The app's answer"}}}
