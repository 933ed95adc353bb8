"""Paths that API Gateway refuses, alone or beside each other."""

from fastapi import FastAPI

app = FastAPI(title="Paths", docs_url=None, redoc_url=None, openapi_url=None)

PATHS = (
    "/",
    "/ping",
    "/items/",
    "/items/{item_id}",
    "/items/{other}/parts/{part}",
    "/files/{path:path}",
    "/files/{name}/raw",
    "/raw/{path:path}/lines",
    "/images/{name}.png",
    "/users/@me",
    "/users/{user_id}",
    "/{a}/and/{b}",
    "/{b}/and/{a}",
    "/straße/{größe}",
    "/actions/{id}:cancel",
    "/v1.0/a-b_c,d:e",
)

for number, path in enumerate(PATHS):

    @app.get(path, name=f"path{number}")
    def answer() -> str:
        return "here"
