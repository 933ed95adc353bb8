"""What a probe sends, and where redirects and proxies lead it."""

import pytest

from cli.probe_servers import HELD, Clock, failure, measured, request, serving, whole
from samstream_cli.errors import UsageError
from samstream_cli.probe_network import Recording
from samstream_cli.probe_request import parse_header, parse_method, parse_url
from samstream_cli.probing import ProbeError, probe, proxy_for


def test_a_request_that_is_no_http_names_no_value() -> None:
    with serving(whole(b"ok")) as server:
        message = failure(server.url, headers=(("content-length", "secret"),), content=b"x")
    assert message == f"the request to {server.url}/ isn't valid HTTP"


def test_the_request_carries_what_was_given() -> None:
    with serving(whole(b"ok")) as server:
        url = server.url.replace("://", "://user:pass%20word@")
        headers = (("accept", "text/event-stream"), ("x-api-key", "k"))
        run = probe(
            request(f"{url}/a?b=c", method="POST", headers=headers, content=b"hi"), Recording(Clock(), timeout=9)
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert (head.splitlines()[0], body) == (b"POST /a?b=c HTTP/1.1", b"hi")
    names = [line.partition(b":")[0] for line in head.splitlines()[1:]]
    assert names == [b"Host", b"User-Agent", b"Authorization", b"accept", b"x-api-key", b"Content-Length"]
    assert b"Authorization: Basic dXNlcjpwYXNzIHdvcmQ=" in head
    assert run.url == f"{server.url}/a?b=***"


def test_a_redirect_is_measured_itself_unless_it_is_followed() -> None:
    redirect = whole(b"gone", b"Location: /there?token=1", status=b"302 Found")
    run = measured(redirect)
    assert (run.status, run.size, run.redirects) == (302, 4, ())
    with serving(redirect, whole(b"ok")) as server:
        posted = request(server.url, method="POST", content=b"{}", headers=(("content-type", "x"),), follow=True)
        run = probe(posted, Recording(Clock(), timeout=HELD))
    assert (run.status, run.method, run.size, run.redirects) == (200, "GET", 2, (f"302 {server.url}/",))
    assert server.requests[1].splitlines()[0] == b"GET /there?token=1 HTTP/1.1"
    assert b"content-" not in server.requests[1].lower()


def test_a_temporary_redirect_keeps_method_and_body() -> None:
    with serving(whole(b"", b"Location: /b", status=b"307 Temporary Redirect"), whole(b"ok")) as server:
        probe(request(server.url, method="POST", content=b"hi", follow=True), Recording(Clock(), timeout=HELD))
    assert (server.requests[1][:7], server.requests[1][-2:]) == (b"POST /b", b"hi")


def test_a_redirect_to_another_origin_takes_nothing_secret_along() -> None:
    with serving(whole(b"ok")) as other:
        redirect = whole(b"", b"Location: " + other.url.encode(), status=b"307 Temporary Redirect")
        with serving(redirect) as server:
            headers = (("authorization", "a"), ("x-api-key", "k"), ("cookie", "c"), ("accept", "text/html"))
            probe(request(server.url, headers=headers, follow=True), Recording(Clock(), timeout=HELD))
    sent = [line.partition(b":")[0] for line in other.requests[0].splitlines()[1:] if line]
    assert sent == [b"Host", b"User-Agent", b"accept"]


def test_redirects_that_never_end_are_said() -> None:
    with serving(whole(b"", b"Location: /", status=b"302 Found")) as server:
        assert failure(server.url, follow=True) == f"{server.url}/ is the 11th redirect in a row"


@pytest.mark.parametrize("location", [b"ftp://x/", b"http://[", b"mailto:a@b"])
def test_a_redirect_to_what_is_no_url_of_http_is_said(location: bytes) -> None:
    with serving(whole(b"", b"Location: " + location, status=b"302 Found")) as server:
        assert failure(server.url, follow=True) == f"{server.url}/ redirects to what is no URL of HTTP"


def test_a_proxy_of_the_environment_is_used_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(whole(b"ok")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://user:secret@"))
        monkeypatch.setenv("no_proxy", "")
        run = probe(request("http://example.test/a"), Recording(Clock(), timeout=HELD))
    assert (run.size, run.proxy) == (2, f"{proxy.url}/")
    assert proxy.requests[0].splitlines()[0] == b"GET http://example.test/a HTTP/1.1"


def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://proxy.test:1080")
    monkeypatch.setenv("no_proxy", "inside.test")
    urls = ("http://localhost/", "http://127.0.0.2/", "http://[::1]/", "http://inside.test/")
    assert [proxy_for(parse_url(url)) for url in urls] == [None] * 4
    with pytest.raises(ProbeError, match="the proxy that the environment names can't be used"):
        proxy_for(parse_url("http://outside.test/"))


@pytest.mark.parametrize(
    "text",
    ["example.com", "localhost:8000/x", "ftp://a/", "http://", "https://[", "http://a:99999/", "", "http://a\x00b/"],
)
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="that URL"):
        parse_url(text)


@pytest.mark.parametrize("text", ["secret", ": secret", "a b: secret", "a: se\ncret"])
def test_a_header_that_is_none_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_header(text)
    assert "cret" not in caught.value.message + caught.value.remedy


def test_headers_and_methods_are_read() -> None:
    assert parse_header("Accept:  text/html ") == ("Accept", "text/html")
    assert parse_header("x-empty:") == ("x-empty", "")
    assert parse_method("post") == "POST"
    with pytest.raises(UsageError, match="is no HTTP method"):
        parse_method("GE T")
