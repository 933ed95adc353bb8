"""The app of the example: a chat page, a model's tokens, a large download and a task that takes its time.

Nothing here knows of Lambda. The Lambda Web Adapter turns each event into an HTTP request to this server, and
hands on what the server answers while it is still answering.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends, FastAPI, Query
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

Model: TypeAlias = Callable[[str], Iterable[str]]
"""Answers a prompt, token by token."""

Sleep: TypeAlias = Callable[[float], Awaitable[object]]

LINES_A_BLOCK = 4096
BLOCK = 16 * LINES_A_BLOCK
BLOCKS_A_MEGABYTE = 2**20 // BLOCK

STATIC = Path(__file__).with_name("static")
FRESH = {"Cache-Control": "no-store"}
"""`sam deploy` gives every file the same date, so a browser couldn't tell a new page from the one it kept."""

log = logging.getLogger("uvicorn.error")
app = FastAPI(title="samstream example")


class Question(BaseModel):
    prompt: str = Field(min_length=1, max_length=4000)


def write_locally(prompt: str, pause: Callable[[float], object] = time.sleep) -> Iterator[str]:
    """Stands in for a model: the same words for the same prompt, a twentieth of a second apart."""
    answer = f"You wrote: {prompt} No Bedrock model is set; these words come from the function, one by one."
    for word in answer.split():
        pause(0.05)
        yield f"{word} "


def converse(client: Any, model_id: str, prompt: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html"""
    messages = [{"role": "user", "content": [{"text": prompt}]}]
    reply = client.converse_stream(modelId=model_id, messages=messages, inferenceConfig={"maxTokens": 1000})
    with closing(reply["stream"]) as events:
        for event in events:
            if text := event.get("contentBlockDelta", {}).get("delta", {}).get("text"):
                yield text


@cache
def model() -> Model:
    """Amazon Bedrock where a model id is set, else this file."""
    model_id = os.environ.get("BEDROCK_MODEL_ID")
    if not model_id:
        return write_locally
    import boto3  # noqa: PLC0415  (a quarter of a second that a cold start without Bedrock needn't wait)

    return partial(converse, boto3.client("bedrock-runtime"), model_id)


def sleep() -> Sleep:
    return asyncio.sleep


@app.get("/")
def page() -> FileResponse:
    """The chat page. It is also what the adapter asks for until the server is ready."""
    return FileResponse(STATIC / "index.html", headers=FRESH)


@app.get("/static/{file}")
def static(file: Literal["chat.css", "chat.js", "events.js"]) -> FileResponse:
    """What the page consists of."""
    return FileResponse(STATIC / file, headers=FRESH)


@app.get("/about")
def about() -> dict[str, str]:
    """Plain JSON."""
    return {"app": app.title, "model": os.environ.get("BEDROCK_MODEL_ID") or "local"}


@app.post("/chat", response_class=EventSourceResponse)
def chat(question: Question, model: Annotated[Model, Depends(model)]) -> Iterator[ServerSentEvent]:
    """Server-sent events, a token each."""
    try:
        for token in model(question.prompt):
            yield ServerSentEvent(data={"text": token})
    except Exception:
        # The status line left long ago, with a 200: what fails now can be told only by an event.
        log.exception("The model failed")
        yield ServerSentEvent(event="error", data={"message": "The model failed; the log says why."})
    else:
        yield ServerSentEvent(event="done", data={})


@app.get("/download")
def download(megabytes: Annotated[int, Query(ge=1, le=100)] = 12) -> StreamingResponse:
    """Numbered lines of 16 bytes, made while they are sent. Buffered, 6 MB would be the most."""
    blocks = megabytes * BLOCKS_A_MEGABYTE
    length = {"Content-Length": str(blocks * BLOCK)}  # so that a client that is cut off notices
    return StreamingResponse(map(block_of_lines, range(blocks)), media_type="text/plain", headers=length)


def block_of_lines(index: int) -> str:
    first = index * LINES_A_BLOCK
    return "".join(f"{line:015}\n" for line in range(first, first + LINES_A_BLOCK))


@app.get("/progress", response_class=EventSourceResponse)
async def progress(
    sleep: Annotated[Sleep, Depends(sleep)], seconds: Annotated[int, Query(ge=1, le=100)] = 40
) -> AsyncIterator[ServerSentEvent]:
    """An event a second, for longer than the 29 seconds after which a buffered route is cut off."""
    for second in range(1, seconds + 1):
        await sleep(1)
        yield ServerSentEvent(data={"second": second, "of": seconds})
    yield ServerSentEvent(event="done", data={})
