"""How the Lambda Web Adapter translates: its settings, an event to a request, an answer to what Lambda wants.

The names and quirks are the real one's:
https://github.com/awslabs/aws-lambda-web-adapter/blob/main/src/lib.rs and
https://github.com/awslabs/aws-lambda-rust-runtime/tree/main/lambda-http/src
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from urllib.parse import quote, quote_plus

from .client import Answer

TEXT_PREFIXES = ("text", "application/json", "application/javascript", "application/xml", "application/yaml")
TEXT_SUFFIXES = ("+xml", "+yaml", "+json")
BROKEN_OFF = "error reading a body from connection"


@dataclass(frozen=True, slots=True)
class Settings:
    """The adapter's environment variables. A name without the prefix is deprecated, but works."""

    host: str
    port: int
    readiness_port: int
    readiness_path: str
    tcp_readiness: bool
    unhealthy: int
    base_path: str
    streams: bool
    authorization_source: str
    error_statuses: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        def get(name: str, default: str) -> str:
            return environment.get(f"AWS_LWA_{name}", environment.get(name, default))

        port = get("PORT", "8080")
        return cls(
            host=get("HOST", "127.0.0.1"),
            port=int(port),
            readiness_port=int(get("READINESS_CHECK_PORT", port)),
            readiness_path=get("READINESS_CHECK_PATH", "/"),
            tcp_readiness=get("READINESS_CHECK_PROTOCOL", "http").lower() == "tcp",
            unhealthy=int(environment.get("AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS", "500")),
            base_path=get("REMOVE_BASE_PATH", ""),
            streams=environment.get("AWS_LWA_INVOKE_MODE", "").lower() == "response_stream",
            authorization_source=environment.get("AWS_LWA_AUTHORIZATION_SOURCE", "").lower(),
            error_statuses=statuses(environment.get("AWS_LWA_ERROR_STATUS_CODES", "")),
        )


def statuses(codes: str) -> frozenset[int]:
    """Of "500,502-504"; what isn't a number is passed over."""
    found: set[int] = set()
    for part in codes.split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if first.isdigit() and (last.isdigit() or not dash):
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


class Event(NamedTuple):
    """What the Runtime API hands out: the event, and the headers that came with it."""

    id: str
    headers: dict[str, str]
    body: bytes


def request_of(event: Event, settings: Settings) -> tuple[str, str, list[tuple[bytes, bytes]], bytes]:
    """Method, target, headers and body for the app, of an API Gateway proxy event (version 1)."""
    proxied: dict[str, Any] = json.loads(event.body)
    method = str(proxied["httpMethod"])
    body = str(proxied.get("body") or "").encode()
    if proxied.get("isBase64Encoded"):
        body = base64.b64decode(body)
    headers = request_headers(proxied, event, settings)
    headers.setdefault("host", [f"{settings.host}:{settings.port}"])
    headers["content-length"] = [str(len(body))]  # What the client said needn't be true of the event's body.
    headers.pop("transfer-encoding", None)
    target = quote(path_for_app(str(proxied.get("path") or "/"), settings), safe="/!$%&'()*+,;=:@[]^|\\~")
    query = query_of(proxied)
    flat = [(name.encode(), value.encode()) for name, each in headers.items() for value in each]
    return method, f"{target}?{query}" if query else target, flat, body


def path_for_app(path: str, settings: Settings) -> str:
    """Without the base path, as often as it stands in front: the real one trims, too."""
    while settings.base_path and path.startswith(settings.base_path):
        path = path.removeprefix(settings.base_path)
    return path if path.startswith("/") else f"/{path}"


def query_of(proxied: dict[str, Any]) -> str:
    """The decoded values of the event, encoded as a browser encodes a form."""
    multiple = proxied.get("multiValueQueryStringParameters") or {}
    single = {name: [value] for name, value in (proxied.get("queryStringParameters") or {}).items()}
    pairs = ((name, value) for name, values in (multiple or single).items() for value in values)
    return "&".join(f"{_form(name)}={_form(value)}" for name, value in pairs)


def _form(text: object) -> str:
    return quote_plus(str(text), safe="*").replace("~", "%7E")


def request_headers(proxied: dict[str, Any], event: Event, settings: Settings) -> dict[str, list[str]]:
    """By lower-case name. A header in `headers` replaces the same one in `multiValueHeaders`: so a repeated header
    reaches the app with its last value only, as with the real adapter."""
    headers = {
        name.lower(): [str(value) for value in values]
        for name, values in (proxied.get("multiValueHeaders") or {}).items()
    }
    headers.update({name.lower(): [str(value)] for name, value in (proxied.get("headers") or {}).items()})
    if trace := event.headers.get("lambda-runtime-trace-id"):
        headers["x-amzn-trace-id"] = [trace]
    headers["x-amzn-request-context"] = [compact(proxied.get("requestContext"))]
    headers["x-amzn-lambda-context"] = [compact(lambda_context(event))]
    if settings.authorization_source in headers:
        headers["authorization"] = headers.pop(settings.authorization_source)
    return headers


def lambda_context(event: Event) -> dict[str, Any]:
    return {
        "request_id": event.id,
        "deadline": int(event.headers["lambda-runtime-deadline-ms"]),
        "invoked_function_arn": event.headers["lambda-runtime-invoked-function-arn"],
        "xray_trace_id": event.headers.get("lambda-runtime-trace-id"),
        "client_context": None,
        "identity": None,
        "env_config": {
            "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            "memory": int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")),
            "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
            "log_stream": os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
            "log_group": os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        },
    }


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def answer_headers(answer: Answer) -> dict[str, list[str]]:
    """By name, without the transfer's own."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        if name != b"transfer-encoding":
            headers.setdefault(name.decode(), []).append(value.decode(errors="replace"))
    return headers


def prelude(answer: Answer) -> bytes:
    """What stands before a streamed body. A repeated header becomes an array, which API Gateway doesn't take."""
    headers = answer_headers(answer)
    cookies = headers.pop("set-cookie", [])
    headers.setdefault("content-type", ["application/octet-stream"])
    values = {name: values[0] if len(values) == 1 else values for name, values in headers.items()}
    metadata = {"statusCode": answer.status_code, "headers": values, "cookies": cookies}
    return compact(metadata).encode() + bytes(8)


def proxy_answer(answer: Answer, body: bytes) -> bytes:
    """The JSON that a buffered function answers with."""
    headers = answer_headers(answer)
    text = decoded(headers, body)
    return compact(
        {
            "statusCode": answer.status_code,
            "headers": {},
            "multiValueHeaders": headers,
            "body": base64.b64encode(body).decode() if text is None else text,
            "isBase64Encoded": text is None,
        }
    ).encode()


def decoded(headers: dict[str, list[str]], body: bytes) -> str | None:
    """The text of a body that its headers call text."""
    content_type = headers.get("content-type", ["text/plain"])[0]
    mime, _, parameters = content_type.partition(";")
    is_text = content_type.startswith(TEXT_PREFIXES) or mime.strip().endswith(TEXT_SUFFIXES)
    if "content-encoding" in headers or not (is_text or headers.get("x-lambda-http-content-encoding") == ["text"]):
        return None
    charset = next((value for key, value in map(_parameter, parameters.split(";")) if key == "charset"), "utf-8")
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode(errors="replace")


def _parameter(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.strip().lower(), value.strip().strip('"')


def broken_off() -> bytes:
    told = base64.b64encode(BROKEN_OFF.encode()).decode()
    kind = "Lambda-Runtime-Function-Error-Type: Runtime.StreamError"
    return f"{kind}\r\nLambda-Runtime-Function-Error-Body: {told}\r\n".encode()
