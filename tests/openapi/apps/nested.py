"""Models in models, generic ones, one that holds itself, and one that differs as input and output."""

from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel, computed_field

T = TypeVar("T")
app = FastAPI(title="Nested")


class Item(BaseModel):
    name: str
    price: Decimal
    tags: dict[str, list[str]] = {}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> str:
        return self.name.title()


class Page(BaseModel, Generic[T]):
    items: list[T]
    made: datetime


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


@app.post("/items")
def add(item: Item) -> Item:
    return item


@app.get("/items")
def page() -> Page[Item]:
    return Page(items=[], made=datetime(2026, 1, 1))


@app.post("/trees")
def plant(tree: Tree) -> list[Tree]:
    return [tree]
