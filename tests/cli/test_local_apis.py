"""The APIs that a processed template makes, as the gateway serves them."""

from typing import Any

import pytest

from macro.samples import api, app, deployment, function, method, operation, proxy, stack, streamed, web_app
from samstream.options import Options
from samstream.transform import inspect
from samstream_cli.local.apis import apis_of, mapping_notes
from samstream_cli.local.routing import Api, MockResponse, Route

STAGE = {
    "Type": "AWS::ApiGateway::Stage",
    "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "live", "Variables": {"colour": "blue"}},
}


def served(template: Any, parameters: Any = None) -> tuple[Api, ...]:
    return apis_of(inspect(template, Options(), stack(parameters))[0])


def routes(template: Any, parameters: Any = None) -> list[Route]:
    return [route for found in served(template, parameters) for route in found.routes]


def test_an_api_has_its_stages_endpoint_types_and_routes() -> None:
    template = app({"/chat": {"post": operation(streamed(timeoutInMillis=60_000)), "get": operation()}}, Stage=STAGE)
    template["Resources"]["Api"]["Properties"]["BinaryMediaTypes"] = ["image/png"]
    assert served(template) == (
        Api(
            "Api",
            ("live",),
            "REGIONAL",
            ("image/png",),
            routes=(
                Route("POST", "/chat", streaming=True, function="Chat", timeout_in_millis=60_000),
                Route("GET", "/chat", function="Chat"),
            ),
            stage_variables={"live": {"colour": "blue"}},
        ),
    )


@pytest.mark.parametrize(
    ("types", "endpoint"), [(["EDGE"], "EDGE"), (["PRIVATE"], "PRIVATE"), (None, "EDGE"), (["REGIONAL"], "REGIONAL")]
)
def test_an_endpoint_that_is_not_named_is_edge_optimized(types: Any, endpoint: str) -> None:
    template = app()
    template["Resources"]["Api"]["Properties"]["EndpointConfiguration"] = {"Types": types} if types else None
    assert served(template)[0].endpoint == endpoint


def test_the_stage_of_a_deployment_is_one() -> None:
    assert served(app(Deployment=deployment(StageName="dev")))[0].stages == ("dev",)


def test_binary_types_may_stand_in_the_body() -> None:
    template = app()
    template["Resources"]["Api"]["Properties"]["Body"]["x-amazon-apigateway-binary-media-types"] = ["*/*"]
    assert served(template)[0].binary_media_types == ("*/*",)


def test_a_route_knows_whether_its_function_has_the_adapter() -> None:
    assert [route.adapter for route in routes(app(Chat=web_app()))] == [True]


@pytest.mark.parametrize(
    ("integration", "kind", "problem"),
    [
        (
            streamed(uri=proxy()["uri"]),
            "lambda",
            "its mode is STREAM, but its Uri is the buffered one or none that streams (E204)",
        ),
        (proxy(uri=streamed()["uri"]), "lambda", "its Uri is the streaming one, but its mode isn't STREAM (E204)"),
        (proxy("${Elsewhere}"), "unsupported", "its function is not in this template"),
        ({"type": "aws", "uri": "x"}, "unsupported", "AWS integrations don't run here"),
        ({}, "unsupported", "its integrations don't run here"),
    ],
)
def test_what_can_not_be_deployed_or_run_is_said(integration: Any, kind: str, problem: str) -> None:
    (route,) = routes(app({"/chat": {"post": operation(integration)}}))
    assert (route.kind, route.problem) == (kind, problem)


def test_an_operation_without_an_integration_can_not_run() -> None:
    (route,) = routes(app({"/chat": {"post": {}}}))
    assert (route.kind, route.problem) == ("unsupported", "it has no integration")


def test_an_http_proxy_has_its_uri() -> None:
    integration = {
        "type": "http_proxy",
        "httpMethod": "post",
        "uri": {"Fn::Sub": "https://example.com/${AWS::Region}/{id}"},
    }
    (route,) = routes(app({"/x/{id}": {"get": operation(integration)}}))
    assert (route.kind, route.uri, route.uri_method, route.problem) == (
        "http",
        "https://example.com/eu-west-1/{id}",
        "POST",
        None,
    )


def test_a_stage_of_another_deployment_is_stale() -> None:
    plan, _ = inspect(app(Stage=STAGE), Options(), stack())
    assert [apis_of(plan, stale)[0].stale_stages for stale in ({"Stage"}, {"Other"})] == [{"live"}, set()]


def test_mappings_of_an_http_proxy_are_read_and_what_means_nothing_here_is_told() -> None:
    path, body = "integration.request.path.id", "integration.request.header.x"
    mappings = {path: "method.request.path.id", body: "method.request.body.name"}
    http = {"type": "http_proxy", "uri": "https://example.com/{id}", "requestParameters": mappings}
    proxied = proxy(requestParameters=mappings)
    template = app({"/x/{id}": {"get": operation(http), "post": operation(proxied)}})
    assert [route.request_parameters for route in routes(template)] == [mappings, {}]
    assert list(mapping_notes(inspect(template, Options(), stack())[0])) == [
        f"GET /x/{{id}}: its requestParameters {body}: method.request.body.name don't run here.",
        "POST /x/{id}: requestParameters of a Lambda proxy are left out here.",
    ]


@pytest.mark.parametrize(
    "integration",
    [
        {
            "type": "mock",
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {
                        "method.response.header.Allow": "'GET'",
                        "method.response.header.X": "context.id",
                    },
                }
            },
        },
    ],
)
def test_a_mock_answers_what_is_written(integration: Any) -> None:
    (route,) = routes(app({"/chat": {"options": operation(integration)}}))
    assert (route.kind, route.response) == ("mock", MockResponse(204, {"Allow": "GET"}))


def test_a_mock_of_a_method_does_too() -> None:
    integration = {
        "Type": "MOCK",
        "IntegrationResponses": [{"StatusCode": 200, "ResponseParameters": {"method.response.header.Allow": "'GET'"}}],
    }
    found = routes(app({}, Method=method(integration)))
    assert [(route.kind, route.response) for route in found] == [("mock", MockResponse(200, {"Allow": "GET"}))]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, False)),
        ({"AuthorizationType": "NONE", "ApiKeyRequired": False}, (None, False)),
        ({"AuthorizationType": "AWS_IAM"}, ("AWS_IAM", False)),
        ({"ApiKeyRequired": "true"}, (None, True)),
    ],
)
def test_a_method_says_what_a_caller_has_to_bring(more: Any, expected: Any) -> None:
    resource = method()
    resource["Properties"] |= more
    (route,) = routes(app({}, Method=resource))
    assert (route.authorization, route.api_key_required) == expected


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        (None, ("Sigv4", False)),
        ([], (None, False)),
        ([{"key": []}], (None, True)),
        ([{"key": []}, {"Tokens": []}], ("Tokens", True)),
        ([{"unknown": []}], ("unknown", False)),
    ],
)
def test_an_operation_says_it_by_its_own_security_or_the_bodys(security: Any, expected: Any) -> None:
    more = {} if security is None else {"security": security}
    template = app({"/chat": {"post": operation(**more)}})
    template["Resources"]["Api"]["Properties"]["Body"] |= {
        "security": [{"Sigv4": []}],
        "securityDefinitions": {
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "Tokens": {"type": "apiKey", "name": "x-api-key", "in": "header", "x-amazon-apigateway-authtype": "custom"},
        },
    }
    (route,) = routes(template)
    assert (route.authorization, route.api_key_required) == expected


def test_what_these_parameter_values_do_not_make_is_not_served() -> None:
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    chosen = {"Fn::If": ["Never", operation(streamed()), operation()]}
    template = app(
        {"/chat": {"post": chosen}}, Other=api({"/x": {"get": operation()}}, Condition="Never"), Talk=function()
    )
    template["Conditions"] = never
    assert [(found.id, [str(route) for route in found.routes]) for found in served(template)] == [
        ("Api", ["POST /chat"])
    ]
    assert [route.streaming for route in routes(template)] == [False]
