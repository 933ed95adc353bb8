"""A WebSocket beside a plain route."""

from fastapi import FastAPI, WebSocket

app = FastAPI(title="WebSockets", docs_url=None, redoc_url=None, openapi_url=None)


@app.websocket("/talk/{room}")
async def talk(socket: WebSocket, room: str) -> None:
    await socket.accept(room)


@app.get("/rooms")
def rooms() -> list[str]:
    return []
