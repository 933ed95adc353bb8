"""Every way to stream, and ways that look like one."""

from collections.abc import AsyncIterator, Iterator

from fastapi import FastAPI, responses
from fastapi.responses import Response
from fastapi.responses import StreamingResponse as Stream
from fastapi.sse import EventSourceResponse

app = FastAPI(title="Streaming", docs_url=None, redoc_url=None, openapi_url=None)


class OtherEventSourceResponse(Response):
    """As sse-starlette has it: no child of StreamingResponse."""


OtherEventSourceResponse.__name__ = "EventSourceResponse"


@app.get("/class", response_class=Stream)
def by_class() -> object:
    return Stream(iter(()))


@app.get("/events", response_class=EventSourceResponse)
def events() -> Iterator[str]:
    yield "event"


@app.get("/annotated")
def annotated() -> Stream:
    return Stream(iter(()))


@app.get("/unannotated")
def unannotated():  # type: ignore[no-untyped-def]
    return responses.StreamingResponse(iter(()))


@app.get("/aliased")
async def aliased(quick: bool = False):  # type: ignore[no-untyped-def]
    return {} if quick else Stream(iter(()))


@app.get("/other")
def other():  # type: ignore[no-untyped-def]
    return OtherEventSourceResponse()


@app.get("/lines")
async def lines() -> AsyncIterator[dict[str, int]]:
    yield {"line": 1}


@app.get("/marked", openapi_extra={"x-samstream-streaming": {"TimeoutInMillis": 60_000}})
def marked() -> str:
    return ""


@app.get("/unmarked", openapi_extra={"x-samstream-streaming": False})
def unmarked() -> Stream:
    return Stream(iter(()))


@app.get("/plain")
def plain() -> str:
    return "plain"
