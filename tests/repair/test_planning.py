from pathlib import Path
from typing import Any

import pytest

from aws.cloud import ACCOUNT
from repair.account import STREAM_URI, URI, Account, http, proxy, streaming
from samstream_cli.errors import UsageError
from samstream_cli.repair.plan import FunctionChange, Place, Plan, RouteChange, StageChange, State
from samstream_cli.repair.planning import Order, make_plan
from verify.account import API_ID, HIDDEN, REGION, function_arn

NO_SIGHT = "{} must write the streaming format by itself, which can't be seen from here"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path / "undo.json")


def test_a_plan_has_all_that_would_change_and_nothing_else(account: Account) -> None:
    before = State("BUFFERED", URI.format(function_arn("slow")), 29_000)
    after = State("STREAM", STREAM_URI.format(function_arn("slow")), 120_000)
    assert account.plan("ANY /files/{proxy+}") == Plan(
        Place(ACCOUNT, REGION, API_ID, "prod"),
        "dep1",
        (RouteChange("ANY /files/{proxy+}", "r2", "ANY", before, after, "slow"),),
        stage=StageChange("dep1"),
        notes=(NO_SIGHT.format("slow"),),
    )
    assert account.changes() == []


@pytest.mark.parametrize(
    ("function", "variables"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:chat:live", {}),
        ("arn:aws:lambda:eu-west-1:123456789012:function:chat:7", {}),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:chat", {}),
        ("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.fn}", {"fn": "plain"}),
        ("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.fn}", {}),
        ("arn:aws:lambda:eu-west-1:123456789012:function:a:${stageVariables.alias}", {"alias": "live"}),
        ("arn:aws:lambda:us-east-1:999999999999:function:elsewhere", {}),
    ],
)
def test_of_a_uri_the_version_and_the_action_change_and_the_function_stays(
    account: Account, function: str, variables: dict[str, str]
) -> None:
    account.api.live["GET /any"] = proxy(function)
    account.api.stage("prod", variables=variables)
    change = next(one for one in account.plan("GET /any").routes)
    assert (change.before.uri, change.after.uri) == (URI.format(function), STREAM_URI.format(function))


def test_a_stage_variable_leads_to_the_function(account: Account) -> None:
    account.api.live["GET /any"] = proxy("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.fn}")
    account.api.stage("prod", variables={"fn": "slow"})
    assert [(one.function, one.after.timeout) for one in account.plan("GET /any").routes] == [("slow", 120_000)]


def test_an_unset_stage_variable_is_told(account: Account) -> None:
    account.api.live["GET /any"] = proxy("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.fn}")
    account.api.stage("prod")
    note = "GET /any: which function it invokes can't be told from its URI and the stage's variables"
    assert account.plan("GET /any").notes == (note,)


@pytest.mark.parametrize(
    ("integration", "why"),
    [
        ({"type": "MOCK"}, "its integration is MOCK, and only AWS_PROXY and HTTP_PROXY integrations stream"),
        (proxy("plain", type="AWS"), "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream"),
        (http(type="HTTP"), "its integration is HTTP, and only AWS_PROXY and HTTP_PROXY integrations stream"),
        ({"type": "AWS_PROXY", "uri": "arn:aws:apigateway:x:s3:path/b"}, "its Uri is none of a Lambda function's"),
        (
            proxy("plain", uri=URI.format(function_arn("plain")).replace("2015-03-31", "2021-11-15")),
            "its Uri mixes the API versions: 2021-11-15 with invocations",
        ),
    ],
)  # fmt: skip
def test_what_cannot_stream_is_refused_with_the_reason(account: Account, integration: dict[str, Any], why: str) -> None:
    account.api.live["GET /odd"] = integration
    account.api.stage("prod")
    assert account.refused("GET /odd") == [f"GET /odd can't stream: {why}"]


def test_a_route_without_an_integration_is_refused(account: Account) -> None:
    account.api.live["GET /odd"] = {}
    assert "GET /odd has no integration" in account.refused("GET /odd")


def test_what_a_http_proxy_calls_stays_out_of_the_plan(account: Account) -> None:
    (change,) = account.plan("GET /elsewhere").routes
    assert (change.before, change.after) == (State("BUFFERED", "", 29_000), State("STREAM", "", 29_000))
    assert HIDDEN not in repr(account.plan("GET /elsewhere"))


@pytest.mark.parametrize(
    ("own", "asked", "function", "expected"),
    [
        (29_000, None, 3, 29_000),
        (29_000, None, 900, 900_000),
        (29_000, None, 901, 900_000),
        (5_000, None, 120, 5_000),
        (29_000, 50, 120, 50),
        (5_000, 900_000, 3, 900_000),
    ],
)
def test_the_timeout_is_the_one_asked_for_or_its_own_or_the_functions(
    account: Account, own: int, asked: int | None, function: int, expected: int
) -> None:
    account.functions["slow"]["Timeout"] = function
    account.api.live["ANY /files/{proxy+}"]["timeoutInMillis"] = own
    (change,) = account.plan("ANY /files/{proxy+}", timeout=asked, also_publish=True).routes
    assert change.after.timeout == expected


@pytest.mark.parametrize(
    ("place", "message", "remedy"),
    [
        (("none", "prod", "GET /plain"), "there is no REST API none in eu-west-1",
         "Check the id, --region and --profile; HTTP APIs and WebSocket APIs can't stream."),
        ((API_ID, "dev", "GET /plain"), "the API abc123 has no stage dev", "It has prod."),
        ((API_ID, "prod", "GET /chat"), "the API has no route 'GET /chat'", "Did you mean 'POST /chat'?"),
        ((API_ID, "prod", "POST /chatt"), "the API has no route 'POST /chatt'", "Did you mean 'POST /chat'?"),
        ((API_ID, "prod", "PUT /x/y/z"), "the API has no route 'PUT /x/y/z'",
         "It has GET /plain, ANY /files/{proxy+}, POST /chat, GET /elsewhere."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_with_what_is(
    account: Account, place: tuple[str, str, str], message: str, remedy: str
) -> None:
    api, stage, route = place
    with pytest.raises(UsageError) as caught:
        make_plan(account.clients(), ACCOUNT, REGION, Order(api, stage, (route,)))
    assert (caught.value.message, caught.value.remedy) == (message, remedy)


ADAPTER_PROBLEM = "the adapter in chat isn't told to stream, so callers would get errors"


@pytest.mark.parametrize("mode", [None, "buffered", "stream", "RESPONSE-STREAM"])
def test_an_adapter_that_does_not_stream_is_refused_or_changed(account: Account, mode: str | None) -> None:
    if mode:
        account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = mode
    assert account.refused("POST /chat") == [ADAPTER_PROBLEM]
    plan = account.plan("POST /chat", function_too=True)
    change = FunctionChange(function_arn("chat"), REGION, mode, "response_stream")
    assert (plan.functions, plan.refusals) == ((change,), ())
    assert HIDDEN not in repr(plan)


def test_an_adapter_that_streams_stays_as_it_is(account: Account) -> None:
    account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = "Response_Stream"
    plan = account.plan("POST /chat", function_too=True)
    assert (plan.functions, plan.refusals) == ((), ())


def test_the_function_of_an_alias_is_not_changed(account: Account) -> None:
    account.api.live["POST /chat"] = proxy(f"{function_arn('chat')}:live")
    account.api.stage("prod")
    assert account.refused("POST /chat", function_too=True) == [
        ADAPTER_PROBLEM.replace("chat", "chat:live") + "; live is a version or an alias, which a repair doesn't change"
    ]


def test_a_function_whose_tags_may_not_be_read_is_not_changed(account: Account) -> None:
    account.denied = {"ListTags"}
    (refusal,) = account.plan("POST /chat", function_too=True).refusals
    assert (
        refusal.message == "whether chat may be changed can't be told: no permission in eu-west-1: lambda:ListTags on x"
    )
    assert refusal.remedy == "docs/repair.md has a policy that allows all that is called."


def test_siblings_of_an_adapters_function_are_refused_or_made_to_stream_too(account: Account) -> None:
    account.api.live["GET /history"] = proxy("chat")
    account.api.stage("prod")
    assert account.refused("POST /chat", function_too=True) == [
        "chat serves GET /history buffered, too, and would break there"
    ]
    plan = account.plan("POST /chat", function_too=True, siblings=True)
    found = [(one.route, one.after.mode, one.note) for one in plan.routes]
    assert found == [("POST /chat", "STREAM", ""), ("GET /history", "STREAM", "chat serves it, too")]
    assert plan.refusals == ()


def test_a_sibling_that_cannot_stream_is_refused_though_siblings_may_change(account: Account) -> None:
    account.api.live["GET /history"] = proxy("chat", type="AWS")
    account.api.stage("prod")
    (why,) = account.refused("POST /chat", function_too=True, siblings=True)
    assert why.startswith("GET /history can't stream: its integration is AWS")


def test_siblings_that_are_broken_already_are_told(account: Account) -> None:
    account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = "response_stream"
    account.api.live["GET /history"] = proxy("chat")
    account.api.stage("prod")
    note = "chat serves GET /history buffered, which is broken already: --siblings mends that, too"
    assert account.plan("POST /chat").notes == (note,)
    assert [one.route for one in account.plan("POST /chat", siblings=True).routes] == ["POST /chat", "GET /history"]


def test_siblings_of_a_function_without_the_adapter_are_told(account: Account) -> None:
    account.api.live["GET /history"] = proxy("plain")
    account.api.stage("prod")
    note = "plain serves GET /history buffered: if its code streams all its answers, name them as well"
    plan = account.plan("GET /plain", siblings=True)
    assert (plan.notes[0], [one.route for one in plan.routes]) == (note, ["GET /plain"])
    assert note not in account.plan("GET /plain", "GET /history").notes


def test_an_api_of_a_stack_is_refused_with_the_better_way(account: Account) -> None:
    account.api.settings["tags"] = {"aws:cloudformation:stack-name": "app"}
    (refusal,) = account.plan("GET /plain").refusals
    assert refusal.message == "the API abc123 belongs to the CloudFormation stack app"
    assert "samstream add TEMPLATE 'GET /plain'" in refusal.remedy
    plan = account.plan("GET /plain", managed=True)
    assert plan.refusals == ()
    assert "the API abc123 belongs to the stack app, whose next update may undo this" in plan.notes


def test_a_function_of_a_stack_is_refused_too(account: Account) -> None:
    account.function_tags = {"aws:cloudformation:stack-name": "app"}
    assert account.refused("POST /chat", function_too=True) == [
        "the function chat belongs to the CloudFormation stack app"
    ]
    assert account.refused("POST /chat", function_too=True, managed=True) == []


def test_a_canary_is_refused_or_left_as_it_is(account: Account) -> None:
    account.api.stages["prod"]["canarySettings"] = {"deploymentId": "dep0", "percentTraffic": 10.0}
    assert account.refused("GET /plain") == [
        "the stage prod has a canary, whose 10 % of the calls would not get the repair"
    ]
    plan = account.plan("GET /plain", keep_canary=True)
    assert (plan.refusals, plan.notes[-1]) == (
        (),
        "the stage's canary stays as it is: its share of the calls isn't repaired",
    )


def test_limits_of_the_api_and_its_stage_are_told(account: Account) -> None:
    account.api.settings = {"endpointConfiguration": {"types": ["EDGE"]}, "minimumCompressionSize": 0}
    account.api.stages["prod"] |= {"cacheClusterEnabled": True, "methodSettings": {"*/*": {"cachingEnabled": True}}}
    assert account.plan("GET /elsewhere").notes == (
        "the endpoint is edge-optimized: a stream is cut after 30 s of silence, on a regional one after 5 minutes",
        "the API compresses answers, which doesn't go with streaming",
        "GET /elsewhere: the stage caches its answers, which doesn't go with streaming",
    )


def test_what_the_function_may_not_be_fit_for_is_told(account: Account) -> None:
    account.functions["plain"] = {"Timeout": 10, "Runtime": "python3.13"}
    assert account.plan("GET /plain").notes == (
        (
            "plain runs on python3.13 without the Lambda Web Adapter: unless its code writes the streaming format, "
            "callers get errors"
        ),
        "GET /plain: plain is stopped after 10 s, before the route's timeout",
    )


def test_a_function_that_may_not_be_read_is_told_and_nothing_else_changes(account: Account) -> None:
    account.denied = {"GetFunctionConfiguration"}
    (note,) = account.plan("ANY /files/{proxy+}").notes
    assert note.startswith("whether slow can stream isn't known: no permission in eu-west-1: lambda:GetFunctionConfig")


def test_an_environment_that_may_not_be_read_is_told(account: Account) -> None:
    account.functions["plain"]["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": HIDDEN}}
    assert account.plan("GET /plain").notes[0] == "whether plain can stream isn't known: its variables can't be read"


def test_a_route_that_streams_but_was_never_deployed_needs_the_deployment_alone(account: Account) -> None:
    account.api.live["GET /plain"] = streaming(account.api.live["GET /plain"])
    plan = account.plan("GET /plain")
    assert ([one.is_needed for one in plan.routes], plan.stage, plan.refusals) == ([False], StageChange("dep1"), ())


def test_a_stage_that_serves_all_of_it_needs_nothing_whatever_else_is_changed(account: Account) -> None:
    account.api.live["GET /plain"] = streaming(account.api.live["GET /plain"])
    account.api.stage("prod")
    account.api.live["GET /new"] = proxy("plain")
    account.api.settings["tags"] = {"aws:cloudformation:stack-name": "app"}
    plan = account.plan("GET /plain")
    assert (plan.is_needed, plan.refusals) == (False, ())


@pytest.mark.parametrize(
    ("description", "is_needed"),
    [
        ("samstream repair: GET /x, GET /elsewhere", False),
        ("samstream repair: GET /else", True),
        ("GET /elsewhere", True),
    ],
)
def test_an_export_without_modes_leaves_the_deployments_description(
    account: Account, description: str, is_needed: bool
) -> None:
    account.exports_tell_mode = False
    account.api.live["GET /elsewhere"]["responseTransferMode"] = "STREAM"
    account.descriptions["dep1"] = description
    assert account.plan("GET /elsewhere").is_needed is is_needed


def test_an_order_can_be_typed() -> None:
    order = Order(
        API_ID,
        "prod",
        ("ANY /files/{proxy+}",),
        timeout=60_000,
        function_too=True,
        siblings=True,
        also_publish=True,
        keep_canary=True,
        managed=True,
    )
    assert order.command(REGION) == (
        "samstream repair --api abc123 --stage prod --region eu-west-1 --timeout-in-millis 60000 --function-too "
        "--siblings --also-publish --keep-canary --managed-by-cloudformation 'ANY /files/{proxy+}'"
    )
    assert Order(API_ID, "prod", ("GET /",)).command(REGION) == (
        "samstream repair --api abc123 --stage prod --region eu-west-1 'GET /'"
    )
