"""Starlette alone, which writes no document; made by a function."""

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Host, Mount, Route


class Thing(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return Response(str(request.url))


def stream(request: Request) -> Response:
    return StreamingResponse(iter((str(request.url),)))


def create() -> Starlette:
    return Starlette(
        routes=[
            Route("/stream", stream),
            Route("/thing/{path:path}", Thing),
            Host("api.example.com", Starlette()),
            Mount("/below", routes=[Route("/words", stream, methods=["POST"])]),
        ]
    )
