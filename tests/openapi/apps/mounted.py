"""Apps in an app: one that streams, one that serves files, and an included router."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from fastapi.staticfiles import StaticFiles

app = FastAPI(title="Mounted", docs_url=None, redoc_url=None, openapi_url=None)
inner = FastAPI(title="Inner")
router = APIRouter(prefix="/v1", tags=["first"])


@inner.get("/words")
def words() -> StreamingResponse:
    return StreamingResponse(iter(["one", "two"]))


@router.get("/items/{item_id}")
def item(item_id: int) -> int:
    return item_id


app.include_router(router, prefix="/api")
app.mount("/inner", inner)
app.mount("/files", StaticFiles(directory="."), name="files")
