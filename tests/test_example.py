"""The example's app on a real socket: what a client has received while the producer is still held."""

import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import anyio.to_thread
import httpx
import pytest
import uvicorn

from tools import ROOT, Gate, events

EXAMPLE = ROOT / "example"


@contextmanager
def served(app: Any) -> Iterator[httpx.Client]:
    """The app behind uvicorn. A client can connect at once: the socket listens before the server runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=10) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def example() -> SimpleNamespace:
    """A fresh one for each test, so that they share no overrides; it leaves no bytecode in the packaged folder."""
    return SimpleNamespace(**run_path(str(EXAMPLE / "main.py")))


@pytest.fixture
def client(example: SimpleNamespace) -> Iterator[httpx.Client]:
    with served(example.app) as client:
        yield client


def test_the_json_route_answers_plain_json(client: httpx.Client) -> None:
    answer = client.get("/about")

    assert (answer.headers["content-type"], answer.json()) == (
        "application/json",
        {"app": "samstream example", "model": "local"},
    )


def test_the_page_and_every_file_it_names_are_served_and_kept_by_no_browser(client: httpx.Client) -> None:
    files = sorted((EXAMPLE / "static").iterdir())
    paths = {file: "/" if file.suffix == ".html" else f"/static/{file.name}" for file in files}
    answers = {file: client.get(path) for file, path in paths.items()}

    assert {file: answer.text for file, answer in answers.items()} == {file: file.read_text() for file in files}
    assert [(answer.headers["content-type"], answer.headers["cache-control"]) for answer in answers.values()] == [
        (f"text/{kind}; charset=utf-8", "no-store") for kind in ("css", "javascript", "javascript", "html")
    ]


@pytest.mark.parametrize("path", ["/static/main.py", "/static/..%2Fmain.py", "/static/", "/static"])
def test_no_other_file_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


def test_a_token_arrives_while_the_model_is_still_writing(example: SimpleNamespace, client: httpx.Client) -> None:
    gate = Gate()

    def held(prompt: str) -> Iterator[str]:
        yield f"{prompt} "
        gate.wait()
        yield "world"

    example.app.dependency_overrides[example.model] = lambda: held
    with client.stream("POST", "/chat", json={"prompt": "Hello"}) as answer:
        lines = answer.iter_lines()
        assert events(lines, 1) == [("message", {"text": "Hello "})]
        gate.release()
        assert events(lines) == [("message", {"text": "world"}), ("done", {})]
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


def test_a_failure_amid_the_answer_reaches_the_client_as_an_event(
    example: SimpleNamespace, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(prompt: str) -> Iterator[str]:
        yield prompt
        raise RuntimeError("a secret of the model")

    example.app.dependency_overrides[example.model] = lambda: failing
    caplog.set_level("ERROR", "uvicorn.error")  # A session of samstream local in this process silences it.
    with client.stream("POST", "/chat", json={"prompt": "Hello"}) as answer:
        received = events(answer.iter_lines())

    assert received == [
        ("message", {"text": "Hello"}),
        ("error", {"message": "The model failed; the log says why."}),
    ]
    assert [(record.message, str(record.exc_info and record.exc_info[1])) for record in caplog.records] == [
        ("The model failed", "a secret of the model")
    ]


def test_without_bedrock_the_same_prompt_gets_the_same_words_with_a_pause_before_each(
    example: SimpleNamespace,
) -> None:
    pauses: list[float] = []
    words = list(example.write_locally("Hello.", pauses.append))

    assert "".join(words) == (
        "You wrote: Hello. No Bedrock model is set; these words come from the function, one by one. "
    )
    assert pauses == [0.05] * len(words) == [0.05] * 17


def test_a_prompt_that_is_missing_is_refused_before_anything_streams(client: httpx.Client) -> None:
    assert [client.post("/chat", json=body).status_code for body in ({}, {"prompt": ""})] == [422, 422]


def test_the_download_is_complete_and_never_in_memory_whole(client: httpx.Client) -> None:
    digest, size = sha256(), 0
    tracemalloc.start()
    try:
        with client.stream("GET", "/download") as answer:
            for part in answer.iter_raw():
                digest.update(part)
                size += len(part)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    expected = "".join(f"{line:015}\n" for line in range(12 * 65_536)).encode()

    assert (size, digest.hexdigest()) == (12 * 2**20, sha256(expected).hexdigest())
    assert answer.headers["content-length"] == str(12 * 2**20)
    assert peak < 4 * 2**20


def test_progress_arrives_second_by_second(example: SimpleNamespace, client: httpx.Client) -> None:
    gate = Gate()

    async def tick(seconds: float) -> None:
        assert seconds == 1
        await anyio.to_thread.run_sync(gate.wait)

    example.app.dependency_overrides[example.sleep] = lambda: tick
    with client.stream("GET", "/progress?seconds=2") as answer:
        lines = answer.iter_lines()
        gate.release()
        assert events(lines, 1) == [("message", {"second": 1, "of": 2})]
        gate.release()
        assert events(lines) == [("message", {"second": 2, "of": 2}), ("done", {})]


def test_progress_goes_on_for_longer_than_a_buffered_route_may_take(
    example: SimpleNamespace, client: httpx.Client
) -> None:
    slept: list[float] = []

    async def at_once(seconds: float) -> None:
        slept.append(seconds)

    example.app.dependency_overrides[example.sleep] = lambda: at_once
    with client.stream("GET", "/progress") as answer:
        received = events(answer.iter_lines())

    assert received == [*(("message", {"second": second, "of": 40}) for second in range(1, 41)), ("done", {})]
    assert sum(slept) == 40
