"""The report in the processed template."""

from typing import Any

import pytest

from macro.samples import app, at, function, method, operation, permission, proxy, run, streamed, tagged, web_app
from samstream import __version__
from samstream.edits import ABSENT, Edit
from samstream.findings import Finding
from samstream.options import RouteName
from samstream.report import Report, RouteReport, earlier_buffered, earlier_renames, earlier_report, record

Json = dict[str, Any]

TAG = {"x-samstream-streaming": True}
CHAT = RouteReport("Api", "POST /chat", "Chat", "BUFFERED", "STREAM", 60_000, "Api POST /chat")
SITE = RouteReport("Api", "GET /site", None, "STREAM", "STREAM", None, "Metadata of Api")
WARNING = Finding("W304", "Api", (), "It stays buffered.")


def written(fragment: Json, settings: Json | None = None) -> Any:
    return at(run(fragment, settings).template, "Metadata", "SamStream")


def test_a_processed_template_says_what_was_done() -> None:
    paths = {
        "/chat": {"post": operation(**{"x-samstream-streaming": {"TimeoutInMillis": 20_000}}), "get": operation()},
        "/talk": {"get": operation(proxy("${Talk.Arn}"), **TAG), "post": operation(proxy("${Talk.Arn}"))},
    }
    result = run(app(paths, Chat=web_app(), Talk=function(), TalkPermission=permission("Talk")))
    (new,) = (name for name in result.template["Resources"] if name.startswith("Deployment"))
    whole = "Chat streams as a whole (Lambda Web Adapter)"
    (warning,) = result.findings
    assert warning.rule == "W304"
    assert result.template["Metadata"] == {
        "SamStream": {
            "Version": __version__,
            "Routes": [
                {
                    "Api": "Api",
                    "Route": "POST /chat",
                    "Function": "Chat",
                    "Before": "BUFFERED",
                    "TimeoutInMillis": 20_000,
                    "Why": "Api POST /chat",
                },
                {"Api": "Api", "Route": "GET /chat", "Function": "Chat", "Before": "BUFFERED", "Why": whole},
                {"Api": "Api", "Route": "GET /talk", "Function": "Talk", "Before": "BUFFERED", "Why": "Api GET /talk"},
            ],
            "StreamingAdapters": ["Chat"],
            "NewLogicalIds": {"Deployment": new},
            "Findings": [{"Rule": "W304", "Resource": "Api", "Message": warning.message}],
        }
    }


def test_what_there_is_nothing_to_say_of_is_left_out() -> None:
    assert Report((CHAT, SITE), (), (), {}, ()).to_json() == {
        "Version": __version__,
        "Routes": [
            {
                "Api": "Api",
                "Route": "POST /chat",
                "Function": "Chat",
                "Before": "BUFFERED",
                "TimeoutInMillis": 60_000,
                "Why": "Api POST /chat",
            },
            {"Api": "Api", "Route": "GET /site", "Before": "STREAM", "Why": "Metadata of Api"},
        ],
    }


def test_metadata_of_others_stays_beside_the_report() -> None:
    interface: Json = {"AWS::CloudFormation::Interface": {"ParameterGroups": []}}
    metadata = run({**tagged(), "Metadata": interface}).template["Metadata"]
    assert list(metadata) == ["AWS::CloudFormation::Interface", "SamStream"]
    assert metadata["AWS::CloudFormation::Interface"] == interface["AWS::CloudFormation::Interface"]


def test_nothing_that_streams_means_no_report() -> None:
    fragment = app({"/chat": {"post": operation(**{"x-samstream-streaming": False})}})
    assert (written(fragment), run(fragment).report) == (ABSENT, None)


@pytest.mark.parametrize("metadata", ["text", ["a"], None, {"SamStream": "text"}, {"SamStream": None}])
def test_metadata_that_holds_no_report_is_told(metadata: Any) -> None:
    fragment = {**tagged(), "Metadata": metadata}
    message = "The template's Metadata and its SamStream must be maps: the report is written there."
    result = run(fragment)
    assert result.findings == (Finding("E002", "", ("Metadata",), message),)
    assert result.template is fragment


def test_every_route_is_listed_once_with_what_becomes_of_it() -> None:
    paths = {
        "/chat": {"post": operation(proxy(timeoutInMillis=500), **TAG), "get": operation({"type": "mock"})},
        "/talk": {"get": {"Fn::If": ["A", operation(), operation(proxy())]}, "put": operation(streamed())},
        "/": {"get": {}},
    }
    assert run(app(paths)).routes == (
        RouteReport("Api", "POST /chat", "Chat", "BUFFERED", "STREAM", 500, "Api POST /chat"),
        RouteReport("Api", "GET /chat", None, "-", "-", None, ""),
        RouteReport("Api", "GET /talk", "Chat", "BUFFERED", "BUFFERED", None, ""),
        RouteReport("Api", "PUT /talk", "Chat", "STREAM", "STREAM", None, ""),
        RouteReport("Api", "GET /", None, "-", "-", None, ""),
    )


def test_a_template_without_a_tag_lists_its_routes_all_the_same() -> None:
    row = RouteReport("Api", "POST /chat", "Chat", "BUFFERED", "BUFFERED", None, "")
    assert run(app()).routes == (row,)
    assert run({"Resources": {}}).routes == ()
    assert run([]).routes == ()


def test_a_route_of_two_functions_names_both() -> None:
    uri = {"Fn::If": ["A", proxy()["uri"], proxy("${Talk.Arn}")["uri"]]}
    fragment = app({"/chat": {"post": operation(proxy(uri=uri), **TAG)}}, Talk=function())
    assert [route.function for route in run(fragment).routes] == ["Chat, Talk"]


def test_a_second_pass_adds_to_the_report_of_the_first() -> None:
    fragment = app({}, Post=method(), Get=method(), Chat=function(Timeout=60), Deployment=None)
    fragment["Resources"]["Post"]["Properties"]["HttpMethod"] = "POST"
    once = run(fragment, {"Routes": "POST /", "TimeoutInMillis": 60_000})
    twice = written(once.template, {"Routes": "GET /", "Ignore": "W401"})
    assert [(route["Route"], route["Before"]) for route in twice["Routes"]] == [
        ("POST /", "BUFFERED"),
        ("GET /", "BUFFERED"),
    ]
    assert [finding["Rule"] for finding in twice["Findings"]] == [found.rule for found in once.findings]


def test_a_pass_that_changes_nothing_leaves_the_report_as_it_is() -> None:
    once = run(tagged(Chat=web_app()))
    for settings in ({}, {"Routes": "POST /chat"}):
        again = run(once.template, settings)
        assert (again.template, again.edits) == (once.template, ())


EARLIER: Json = {
    "Version": "0.0.1",
    "Own": "x",
    "Routes": [CHAT.to_json(), 5],
    "StreamingAdapters": ["Zeta", 5],
    "NewLogicalIds": {"Deployment": "Deployment1", "Odd": 5},
    "Findings": [WARNING.to_json()],
}


def test_a_later_report_wins_on_the_same_routes_and_follows_the_ids() -> None:
    later = CHAT._replace(timeout_in_millis=90_000, why="event Ask of Chat")
    renames = {"Deployment1": "Deployment2", "Version": "Version1"}
    report = Report((later, SITE), (), ("Chat",), renames, (WARNING,))
    after = {
        "Version": __version__,
        "Own": "x",
        "Routes": [later.to_json(), SITE.to_json()],
        "StreamingAdapters": ["Chat", "Zeta"],
        "NewLogicalIds": {"Deployment": "Deployment2", "Version": "Version1"},
        "Findings": [WARNING.to_json()],
    }
    template = {"Metadata": {"SamStream": EARLIER}}
    assert record(template, report) == Edit(("Metadata", "SamStream"), EARLIER, after)


def test_an_earlier_report_of_no_known_shape_is_read_as_far_as_it_goes() -> None:
    for report in ({"Routes": 5, "NewLogicalIds": [], "StreamingAdapters": "x", "Findings": {}}, {}, None, "x"):
        template = {"Metadata": {"SamStream": report}}
        assert (earlier_renames(template), list(earlier_buffered(template))) == ({}, [])
        assert record(template, Report((SITE,), (), (), {}, ())).after["Routes"] == [SITE.to_json()]
    assert record({}, Report((SITE,), (), (), {}, ())).before is ABSENT
    assert earlier_report({"Metadata": []}) == {}
    assert earlier_renames({"Metadata": {"SamStream": EARLIER}}) == {"Deployment": "Deployment1"}


def test_routes_that_a_tag_kept_buffered_are_in_the_report_and_stay_so() -> None:
    paths = {"/chat": {"post": operation(**{"x-samstream-streaming": False}), "get": operation(proxy("${T.Arn}"))}}
    settings = {"Routes": ["POST /chat", "GET /chat"]}
    once = run(app(paths), settings)
    assert at(once.template, "Metadata", "SamStream", "KeptBuffered") == [{"Api": "Api", "Route": "POST /chat"}]
    assert list(earlier_buffered(once.template)) == [RouteName("POST", "/chat", "Api")]
    assert run(once.template, settings).template == once.template


def test_a_tag_of_this_pass_wins_over_what_an_earlier_one_kept_buffered() -> None:
    default = {"Event": "A", "RestApiId": "Api", "Method": "post", "Path": "/chat", "Scope": "GLOBAL_API"}
    fragment = app(Chat=function({"Metadata": {"SamStreamEvents": [{**default, "Streaming": True}]}}))
    fragment["Metadata"] = {"SamStream": {"KeptBuffered": [{"Api": "Api", "Route": "POST /chat"}]}}
    assert [route.after for route in run(fragment).routes] == ["STREAM"]


def test_what_an_earlier_report_calls_no_route_is_passed_over() -> None:
    template = {"Metadata": {"SamStream": {"KeptBuffered": [{"Route": "chat"}, {}, {"Route": "GET /"}]}}}
    assert list(earlier_buffered(template)) == [RouteName("GET", "/")]
