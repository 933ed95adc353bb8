"""Enumerations, in paths, queries and bodies."""

from enum import IntEnum, StrEnum

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Enums")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Paint(BaseModel):
    colour: Colour = Colour.RED
    level: Level


@app.post("/paint/{colour}")
def paint(colour: Colour, paint: Paint, level: Level = Level.LOW) -> list[Colour]:
    return [colour, paint.colour][:level]
