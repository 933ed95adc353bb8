"""Makes one request and measures its answer. It reads as fast as it can and keeps no body unless that is asked for."""

import ssl
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Final

import h11
import httpcore
import httpx

from samstream_cli.errors import SamstreamError, UsageError
from samstream_cli.probe_events import EventCounter
from samstream_cli.probe_network import Enough, RecordedNetwork, Recording
from samstream_cli.probe_request import Request, is_redirect, parse_url, redirected, sent_headers
from samstream_cli.probe_runs import Ending, Run, printable, shown_url

MAX_REDIRECTS: Final = 10
NO_HTTP2: Final = "HTTP/2 needs the package h2, so this was HTTP/1.1. Install it: pip install 'httpx[http2]'"

UNREACHABLE: Final = "Check scheme, host and port, and that something listens there."

_MESSAGE_SIZE: Final = 2000


class ProbeError(SamstreamError):
    """There is nothing to measure: no connection, or no HTTP at its other end."""


def probe(request: Request, recording: Recording) -> Run:
    """The run of this request, ended in whichever way. Raises `ProbeError` where nothing could be measured."""
    redirects: list[str] = []
    while True:
        run = replace(_measure(request, recording), redirects=tuple(redirects))
        if not (request.follow and run.header("location") and is_redirect(run.status)):
            return run
        if len(redirects) == MAX_REDIRECTS:
            raise ProbeError(f"{run.url} is the {MAX_REDIRECTS + 1}th redirect in a row", "Probe the final URL itself.")
        redirects.append(f"{run.status} {run.url}")
        request = redirected(request, run)
        recording.restart()


def so_far(request: Request, recording: Recording) -> Run:
    """The run as it stands, while it is running."""
    return Run(
        method=request.method,
        url=shown_url(request.url),
        label=request.label,
        address=recording.address,
        setup=recording.setup,
        sent=recording.sent,
        chunks=tuple(recording.chunks),
        ended=recording.now(),
        ending=Ending.RUNNING,
    )


@dataclass
class _Answer:
    """What is known of the answer, as it arrives."""

    run: Run
    counter: EventCounter | None = None
    error_body: bytes = b""

    def begin(self, response: httpcore.Response, recording: Recording) -> None:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        self.run = replace(
            self.run,
            headers_at=recording.read_at - recording.began,
            status=response.status,
            reason=bytes(response.extensions.get("reason_phrase", b"")).decode("latin-1"),
            http_version=bytes(response.extensions["http_version"]).decode("ascii"),
            headers=headers,
        )
        is_events = self.run.header("content-type").lower().startswith("text/event-stream")
        if is_events and self.run.header("content-encoding") in ("", "identity"):
            self.counter = EventCounter()

    def feed(self, body: bytes) -> None:
        if self.counter:
            self.counter.feed(body)
        if (self.run.status or 0) >= 400:
            self.error_body = (self.error_body + body)[:_MESSAGE_SIZE]

    def end(self, request: Request, recording: Recording, ending: Ending, failure: str) -> Run:
        recording.settle()
        seen = so_far(request, recording)
        return replace(
            self.run,
            address=seen.address,
            setup=seen.setup,
            sent=seen.sent,
            chunks=seen.chunks,
            events=self.counter.finish() if self.counter else None,
            ended=recording.read_at - recording.began if ending is Ending.COMPLETE else seen.ended,
            ending=ending,
            failure=failure,
            error_body=self.error_body.decode("utf-8", "replace"),
        )


def _measure(request: Request, recording: Recording) -> Run:
    """One hop."""
    http2, notes = http_versions(request, h2_installed=find_spec("h2") is not None)
    proxy = proxy_for(request.url)
    answer = _Answer(replace(so_far(request, recording), proxy=shown_url(proxy) if proxy else "", notes=notes))
    ending, failure = Ending.COMPLETE, ""
    try:
        with _pool(request, recording, proxy, http2) as pool, _stream(pool, request, recording) as response:
            answer.begin(response, recording)
            if not (request.follow and is_redirect(response.status)):
                for body in response.iter_stream():
                    recording.add(body)
                    answer.feed(body)
    except Enough:
        ending = Ending.STOPPED
    except KeyboardInterrupt:
        ending = Ending.INTERRUPTED
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpcore.ProxyError) as error:
        ending, failure = _ending_of(error, request, recording, answered=answer.run.status is not None)
    return answer.end(request, recording, ending, failure)


def _ending_of(error: Exception, request: Request, recording: Recording, *, answered: bool) -> tuple[Ending, str]:
    """How this error ended the run. Raises `ProbeError` where it kept it from beginning."""
    where = shown_url(request.url)
    if isinstance(error, httpcore.ConnectError | httpcore.ProxyError):
        raise ProbeError(f"{where} can't be reached: {printable(str(error))}", _remedy(str(error))) from error
    if isinstance(error, httpcore.TimeoutException):
        if recording.sent is None and not recording.setup.connect:
            raise ProbeError(f"{where} can't be reached within --timeout", "Check host and port.") from error
        return Ending.TIMEOUT, ""
    if isinstance(error, httpcore.LocalProtocolError):
        # Its text may quote a header's value.
        raise UsageError(f"the request to {where} isn't valid HTTP", "Check its headers and its data.") from None
    if not answered and _is_unreadable(error, recording):
        raise ProbeError(
            f"{where} doesn't answer in HTTP: {printable(str(error))}", "Check port and scheme."
        ) from error
    return Ending.CUT, printable(str(error))


def _is_unreadable(error: Exception, recording: Recording) -> bool:
    """Whether bytes came that are no HTTP; httpcore passes on h11's own error then."""
    return not recording.at_end and isinstance(next(iter(error.args), None), h11.RemoteProtocolError)


def _remedy(failure: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in failure:
        return "Name your authority's file in SSL_CERT_FILE, or trust anybody with --insecure."
    return UNREACHABLE


def http_versions(request: Request, *, h2_installed: bool) -> tuple[bool, tuple[str, ...]]:
    """Whether to offer HTTP/2, and what there is to say of it."""
    wanted = request.url.scheme == "https" and not request.http1
    return wanted and h2_installed, (NO_HTTP2,) if wanted and not h2_installed else ()


def proxy_for(url: httpx.URL) -> httpx.URL | None:
    """The proxy that the environment names for this URL; this machine itself needs none."""
    if url.host == "localhost" or _is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named:
        return None
    try:
        return parse_url(named if "://" in named else f"http://{named}")
    except UsageError:
        remedy = f"Name one by http://, or set NO_PROXY={url.host} to go without."
        raise ProbeError("the proxy that the environment names can't be used", remedy) from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _pool(request: Request, recording: Recording, proxy: httpx.URL | None, http2: bool) -> httpcore.ConnectionPool:
    context = _tls(request) if request.url.scheme == "https" else None
    network = RecordedNetwork(recording)
    if proxy is None:
        return httpcore.ConnectionPool(context, http2=http2, network_backend=network)
    return httpcore.HTTPProxy(
        f"{proxy.scheme}://{proxy.netloc.decode('ascii')}",
        proxy_auth=(proxy.username, proxy.password) if proxy.userinfo else None,
        ssl_context=context,
        http2=http2,
        network_backend=network,
    )


def _tls(request: Request) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context(verify=not request.insecure)
    except OSError as error:
        raise ProbeError("SSL_CERT_FILE or SSL_CERT_DIR names no certificates", "Correct it or unset it.") from error


def _stream(
    pool: httpcore.ConnectionPool, request: Request, recording: Recording
) -> AbstractContextManager[httpcore.Response]:
    url = request.url
    return pool.stream(
        request.method.encode("ascii"),
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=sent_headers(request),
        content=request.content,
        extensions={"trace": recording.trace},
    )
