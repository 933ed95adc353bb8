"""The event that API Gateway makes of a request.

Format: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html.
What that page leaves open is as LocalStack's `test_lambda_aws_proxy_integration` recorded it on AWS: `path` and
`pathParameters` stay percent-encoded, query parameters are decoded with `+` as a space, a trailing slash stays in
`path` alone. Unlike on AWS, header names are in lower case, as HTTP/2 has them, but for those that API Gateway itself
writes, and `X-Forwarded-Proto`, `X-Forwarded-Port` and `Host` are this machine's, so that a function's links lead here.
"""

import base64
import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from samstream_cli.local.exchange import Exchange, Request
from samstream_cli.local.limits import LAMBDA_PAYLOAD, Options
from samstream_cli.local.reply import too_long
from samstream_cli.local.routing import Match


def proxy_event(exchange: Exchange) -> bytes:
    """The event as JSON; `Refusal` where it is larger than Lambda takes."""
    request, match, options = exchange.request, exchange.match, exchange.options
    headers = _headers(request)
    query = _multiple(parse_qsl(request.query, keep_blank_values=True, errors="replace"))
    body, is_binary = _body(request, match.api.binary_media_types)
    decode = unquote if options.decode_path_parameters else str
    event = {
        "resource": match.route.path,
        "path": match.path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {name: decode(value) for name, value in match.parameters.items()} or None,
        "stageVariables": dict(match.api.stage_variables.get(match.stage, {})) or None,
        "requestContext": _context(request, match, options),
        "body": body,
        "isBase64Encoded": is_binary,
    }
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > LAMBDA_PAYLOAD and not options.no_limits:
        raise too_long("the event is larger than the 6 MB that Lambda takes", "Request Too Long")
    return text


def is_binary_type(media_type: str | None, binary_media_types: Iterable[str]) -> bool:
    """Whether an API takes a media type for binary; `*` covers all, and `~1` is a slash, as SAM writes it."""
    if not media_type:
        return False
    main, _, sub = media_type.partition(";")[0].strip().lower().partition("/")
    for known in binary_media_types:
        known_main, _, known_sub = known.replace("~1", "/").lower().partition("/")
        if known_main in ("*", main) and known_sub in ("*", sub):
            return True
    return False


# Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_DROPPED: Final = {
    "connection", "content-length", "content-md5", "expect", "max-forwards", "proxy-authenticate", "server", "te",
    "transfer-encoding", "trailer", "upgrade", "www-authenticate", "x-forwarded-port", "x-forwarded-proto",
    "x-amzn-trace-id",
}  # fmt: skip

_SPELT: Final = {name.lower(): name for name in ("Host", "User-Agent", "Authorization", "X-Forwarded-For")}

# No other codec is worth the risk: Python's list has some that aren't text.
_CHARSETS: Final = {"iso-8859-1", "latin1", "us-ascii", "windows-1252", "utf-16", "utf-16le", "utf-16be", "shift_jis"}

_NOBODY: Final = (
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
    "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
)  # fmt: skip


def _headers(request: Request) -> dict[str, list[str]]:
    headers = _multiple((_SPELT.get(name, name), value) for name, value in request.headers if name not in _DROPPED)
    headers["X-Forwarded-For"] = [", ".join([*headers.get("X-Forwarded-For", []), request.source_ip])]
    headers["X-Forwarded-Port"] = [str(request.port)]
    headers["X-Forwarded-Proto"] = [request.scheme]
    headers["X-Amzn-Trace-Id"] = [request.trace_id]
    return headers


def _context(request: Request, match: Match, options: Options) -> dict[str, Any]:
    domain = f"{match.api.id.lower()}.execute-api.{options.region}.amazonaws.com"
    identity: dict[str, str | None] = dict.fromkeys(_NOBODY)
    return {
        "accountId": options.account_id,
        "apiId": match.api.id,
        "deploymentId": "local",
        "domainName": request.header("host") or domain,
        "domainPrefix": match.api.id,
        "extendedRequestId": request.extended_id,
        "httpMethod": request.method,
        "identity": {**identity, "sourceIp": request.source_ip, "userAgent": request.header("user-agent")},
        "path": f"/{match.stage}{match.path}",
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": request.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(request.received.timestamp() * 1000),
        "resourceId": "local",
        "resourcePath": match.route.path,
        "stage": match.stage,
    }


def _body(request: Request, binary_media_types: tuple[str, ...]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    # A request without a type is JSON to API Gateway.
    content_type = request.header("content-type") or "application/json"
    if is_binary_type(content_type, binary_media_types):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode(_charset(content_type), "replace"), False


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset in _CHARSETS:
            return charset
    return "utf-8"


def _multiple(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _last(multiple: dict[str, list[str]]) -> dict[str, str] | None:
    """API Gateway puts the last of several values into the single ones."""
    return {name: values[-1] for name, values in multiple.items()} or None
