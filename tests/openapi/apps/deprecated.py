"""Deprecated operations and fields, tags, servers, callbacks and an operation id that stands twice."""

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field

app = FastAPI(
    title="Deprecated",
    summary="An API of the past",
    servers=[{"url": "https://example.com"}],
    openapi_tags=[{"name": "old"}],
    license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
)
callbacks = APIRouter()


class Event(BaseModel):
    name: str = Field(deprecated=True, examples=["start"], json_schema_extra={"readOnly": True})


@callbacks.post("{$request.query.url}")
def told(event: Event) -> None: ...


@app.get("/old", deprecated=True, tags=["old"])
def old() -> str:
    return "old"


@app.api_route("/both", methods=["GET", "POST"], operation_id="both")
def both() -> str:
    return "both"


@app.post("/events", callbacks=callbacks.routes)
def events(event: Event, url: str) -> None: ...


@app.webhooks.post("new-event")
def new_event(event: Event) -> None: ...
