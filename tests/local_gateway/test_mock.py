"""MOCK integrations."""

import pytest

from local_gateway.serving import api, case, run, serving
from samstream_cli.local.routing import MockResponse, Route

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET,OPTIONS", "Content-Length": "7"}


@case
async def test_a_preflight_gets_the_template_s_headers() -> None:
    route = Route("OPTIONS", "/chat", kind="mock", response=MockResponse(200, CORS))
    async with serving(api(route)) as served:
        answer = await served.client.options("/Prod/chat")
        own = {"date", "server", "x-amzn-requestid", "x-amz-apigw-id"}
        assert {name: value for name, value in answer.headers.items() if name not in own} == {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET,OPTIONS",
            "content-type": "application/json",
            "content-length": "0",
        }
        assert [(line.status, line.mode, line.bytes) for line in await served.logged()] == [(200, "", 0)]


@case
async def test_a_mock_may_have_no_body_and_no_response() -> None:
    headers = {"content-type": "text/plain"}
    routes = [
        Route("GET", "/a", kind="mock", response=MockResponse(204, headers)),
        Route("GET", "/b", kind="mock"),
    ]
    async with serving(api(*routes)) as served:
        one, two = await served.client.get("/a"), await served.client.get("/b")
        assert (one.status_code, one.headers["content-type"], "content-length" in one.headers) == (
            204, "text/plain", False,
        )  # fmt: skip
        assert (two.status_code, two.content) == (200, b"")


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (MockResponse(0), "its statusCode is not a number from 200 to 599"),
        (MockResponse(200, {"X-A": "1\n2"}), "its header X-A has a character that HTTP forbids"),
    ],
)
def test_a_response_that_cannot_be_sent_is_a_500(response: MockResponse, problem: str) -> None:
    async def test() -> None:
        async with serving(api(Route("GET", "/", kind="mock", response=response))) as served:
            assert (await served.client.get("/")).status_code == 500
            assert [line.note for line in await served.logged()] == [f"the MOCK response in the template: {problem}"]

    run(test())
