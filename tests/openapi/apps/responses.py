"""Response classes, statuses, and responses that are described by hand."""

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel

app = FastAPI(title="Responses")


class Problem(BaseModel):
    detail: str


@app.get("/page", response_class=HTMLResponse)
def page() -> str:
    return "<p>"


@app.get("/text", response_class=PlainTextResponse)
def text() -> str:
    return "text"


@app.get("/file", response_class=FileResponse)
def file() -> str:
    return __file__


@app.get("/away", response_class=RedirectResponse, status_code=302)
def away() -> str:
    return "/"


@app.delete("/thing", status_code=204)
def remove() -> None: ...


@app.get(
    "/thing",
    responses={
        404: {"model": Problem, "description": "None"},
        "4XX": {"model": Problem, "description": "Other"},
        "default": {"description": "Anything", "headers": {"X-Why": {"schema": {"type": "string"}}}},
    },
)
def thing() -> JSONResponse:
    return JSONResponse({})


@app.head("/thing")
def head() -> None: ...


@app.options("/thing")
def options() -> None: ...


@app.trace("/thing")
def trace() -> None: ...
