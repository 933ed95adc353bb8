"""MOCK integrations as far as SAM's CORS preflights need them: a fixed status and fixed headers."""

from samstream_cli.local.exchange import Exchange
from samstream_cli.local.reply import Malformed, bad_gateway, headers_of, status_of, with_default_type
from samstream_cli.local.routing import MockResponse


async def answer_mock(exchange: Exchange) -> None:
    """Sends what the template says; templates and mappings of other MOCKs are not run."""
    response = exchange.match.route.response or MockResponse()
    try:
        status, said = status_of(response.status), headers_of(dict(response.headers), None)
    except Malformed as error:
        raise bad_gateway(f"the MOCK response in the template: {error}", 500) from error
    headers = with_default_type([pair for pair in said if pair[0].lower() != "content-length"])
    if status not in (204, 304):
        headers.append(("Content-Length", "0"))
    await exchange.reply.start(status, [*exchange.own, *headers])
    await exchange.reply.finish()
