"""Parameters that come from dependencies, of every kind, with defaults and limits."""

from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Header, Query
from pydantic import BaseModel

app = FastAPI(title="Dependencies")


class Filters(BaseModel):
    limit: Annotated[int, Query(ge=1, le=100)] = 10
    words: list[str] = []


def session(session_id: Annotated[str | None, Cookie()] = None) -> str | None:
    return session_id


def agent(user_agent: Annotated[str | None, Header()] = None) -> str | None:
    return user_agent


@app.get("/search")
def search(
    filters: Annotated[Filters, Query()],
    session: Annotated[str | None, Depends(session)],
    agent: Annotated[str | None, Depends(agent)],
    sort: Annotated[str, Query(alias="sort[by]", description="A field's name")] = "name",
) -> list[str]:
    return [sort, *filters.words, session or "", agent or ""]
