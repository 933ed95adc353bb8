"""Unions, optional values, discriminators and tuples."""

from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI(title="Unions")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, Field(gt=0, lt=10)] = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str | None = None


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    first: Cat | None = None
    size: int | str = Field(examples=[1, "big"])
    place: tuple[float, float] = (0.0, 0.0)


@app.post("/owners")
def add(owner: Owner) -> Owner:
    return owner


@app.get("/pets/{name}")
def pet(name: str, age: int | None = None) -> Cat | Dog | None:
    return Dog(kind="dog", name=name) if age else None
