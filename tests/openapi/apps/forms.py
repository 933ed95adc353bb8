"""Forms and files, which need python-multipart."""

from typing import Annotated

from fastapi import FastAPI, File, Form, UploadFile

app = FastAPI(title="Forms")


@app.post("/login")
def login(username: Annotated[str, Form()], password: Annotated[str, Form(min_length=8)]) -> bool:
    return bool(username and password)


@app.post("/upload")
def upload(file: UploadFile, note: Annotated[str | None, Form()] = None) -> str | None:
    return note or file.filename


@app.post("/many")
def many(files: Annotated[list[bytes], File()]) -> int:
    return len(files)
