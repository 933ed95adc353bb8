"""The example's page in a real Chromium, behind `samstream local`: what it shows while the model is still held."""

import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, Route, expect, sync_playwright
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route as AppRoute

from local_session import Session, running
from programs import needed
from test_example import served
from tools import ROOT, Gate

EXAMPLE = ROOT / "example"
PATIENCE = 20
CUT_OFF = "The connection was cut off before the answer ended."

# The example, whose model says what the test says. True is said back, False raises, None ends the process.
HELD = """
import json, os, socket
from main import app, model

def told(prompt):
    with socket.create_connection(("127.0.0.1", int(os.environ["TEST_PORT"]))) as connection:
        test = connection.makefile("rw", encoding="utf-8")
        print(json.dumps(prompt), file=test, flush=True)
        for line in test:
            word = json.loads(line)
            if word is None:
                os._exit(1)
            if word is False:
                raise RuntimeError
            if word is True:
                print(line, file=test, flush=True)
            else:
                yield word

app.dependency_overrides[model] = lambda: told
"""


class Writing:
    """An answer that the function is writing: it says what the test says, and waits."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rw", encoding="utf-8")
        connection.close()
        self.prompt = json.loads(self._file.readline())

    def say(self, word: str | bool | None) -> None:
        print(json.dumps(word), file=self._file, flush=True)

    def until_taken(self) -> None:
        """Until the function asks for the word after the last."""
        self.say(True)
        assert self._file.readline() == "true\n"

    def end(self) -> None:
        self._file.close()


class Model:
    """Where the function's model asks what to say."""

    def __init__(self, listening: socket.socket) -> None:
        listening.settimeout(PATIENCE)
        self._listening = listening
        self.port = listening.getsockname()[1]

    @contextmanager
    def asked(self, prompt: str) -> Iterator[Writing]:
        """The answer to this prompt, which is the next that comes; it ends with the block at the latest."""
        connection, _ = self._listening.accept()
        connection.settimeout(PATIENCE)
        writing = Writing(connection)
        try:
            assert writing.prompt == prompt
            yield writing
        finally:
            writing.end()


@pytest.fixture
def model() -> Iterator[Model]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Model(listening)


@contextmanager
def serving(folder: Path, model: Model, tag: str = "Streaming: true") -> Iterator[Session]:
    """`samstream local` with the example, its model held, in this Python."""
    project = folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", "requirements.txt"))
    (project / "held.py").write_text(HELD)
    replace(project / "run.sh", {"python3": sys.executable, "main:app": "held:app"})
    replace(project / "template.yaml", {"Streaming: true": tag})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # 8080 might be another session's, which starts at the same moment
    with running(project, "--env", f"TEST_PORT={model.port}", "--env", f"AWS_LWA_PORT={port}") as session:
        yield session


def replace(path: Path, words: dict[str, str]) -> None:
    text = path.read_text()
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


@pytest.fixture
def session(tmp_path: Path, model: Model) -> Iterator[Session]:
    with serving(tmp_path, model) as session:
        yield session


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = needed(shutil.which("chromium"), "Chromium", "apt-get install chromium")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page; no script on it may fail."""
    failures: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    page.close()
    assert failures == []


@pytest.fixture
def app() -> Any:
    return SimpleNamespace(**run_path(str(EXAMPLE / "main.py"))).app


def send(page: Page, prompt: str) -> Locator:
    """Asks, and gives the exchange on the page."""
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("button", name="Send").click()
    return page.get_by_role("article").last


def shown(page: Page) -> list[list[str]]:
    """All exchanges as prompt, answer and problem, once the last is over."""
    expect(page.get_by_role("button")).to_have_text("Send")
    parts = ("prompt", "answer", "problem")
    return [
        [exchange.locator(f".{part}").text_content() or "" for part in parts]
        for exchange in page.get_by_role("article").all()
    ]


@pytest.mark.parametrize("path", ["/", "/Prod/", "/Prod"])
def test_the_first_token_is_on_the_page_while_the_model_is_held(
    page: Page, session: Session, model: Model, path: str
) -> None:
    page.goto(session.address + path)
    exchange = send(page, "Grüße!")
    with model.asked("Grüße!") as writing:
        expect(exchange.locator(".figures")).to_have_text("Waiting for the first token …")
        writing.say("日本 ")
        expect(exchange.locator(".answer")).to_have_text("日本 ")
        expect(exchange.locator(".figures")).to_have_text(
            re.compile(r"^First token after \d+\.\d\d s · 1 token in \d+\.\d\d s$")
        )
        expect(page.get_by_role("button")).to_have_text("Stop")
        expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
        writing.say("🎉")
    assert shown(page) == [["Grüße!", "日本 🎉", ""]]
    expect(exchange.locator(".figures")).to_contain_text(" · 2 tokens in ")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    assert page.evaluate("location.pathname") == f"{path.rstrip('/')}/"


def test_without_the_tag_nothing_of_the_answer_has_come_while_the_model_is_held(
    page: Page, tmp_path: Path, model: Model
) -> None:
    answered: list[str] = []

    def note(response: Response) -> None:
        answered.append(response.url.rpartition("/")[2])

    with serving(tmp_path, model, tag="Streaming: false") as session:
        page.goto(session.address)
        expect(page.locator("#model")).to_have_text("local")
        page.on("response", note)
        exchange = send(page, "Hello")
        with model.asked("Hello") as writing:
            writing.say("one ")
            writing.until_taken()
            page.evaluate("fetch('about').then((answer) => answer.json())")
            assert answered == ["about"]
            expect(exchange.locator(".figures")).to_have_text("Waiting for the first token …")
            writing.say("two")
        assert shown(page) == [["Hello", "one two", ""]]
    assert answered == ["about", "chat"]


def test_stop_ends_the_answer_and_the_next_prompt_gets_its_own(page: Page, session: Session, model: Model) -> None:
    page.goto(session.address)
    exchange = send(page, "Hello")
    with model.asked("Hello") as writing:
        writing.say("one")
        expect(exchange.locator(".answer")).to_have_text("one")
        page.get_by_role("button", name="Stop").click()
        assert shown(page) == [["Hello", "one", "Stopped."]]
        session.until(r"POST /chat .*the client left")
    page.get_by_label("Prompt").fill("Again")
    page.get_by_label("Prompt").press("Enter")
    with model.asked("Again") as writing:
        writing.say("two")
    assert shown(page) == [["Hello", "one", "Stopped."], ["Again", "two", ""]]


def test_a_function_that_dies_amid_its_answer_is_told_as_a_connection_cut_off(
    page: Page, session: Session, model: Model
) -> None:
    page.goto(session.address)
    exchange = send(page, "Hello")
    with model.asked("Hello") as writing:
        writing.say("one")
        expect(exchange.locator(".answer")).to_have_text("one")
        writing.say(None)
        assert shown(page) == [["Hello", "one", CUT_OFF]]


def test_a_model_that_fails_amid_its_answer_is_told_in_its_own_words(
    page: Page, session: Session, model: Model
) -> None:
    page.goto(session.address)
    send(page, "Hello")
    with model.asked("Hello") as writing:
        writing.say("one")
        writing.say(False)
        assert shown(page) == [["Hello", "one", "The model failed; the log says why."]]


def answering(body: str, status: int = 200) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body=body)


@pytest.mark.parametrize(
    ("handle", "problem"),
    [
        (answering('{"message": "Internal server error"}', 502), "The server answered 502: Internal server error"),
        (answering('{"detail": [{"msg": "Too long"}]}', 422), "The server answered 422: Too long"),
        (answering("<h1>Gone</h1>", 410), "The server answered 410: <h1>Gone</h1>"),
        (answering("event: done\ndata: {}\n"), CUT_OFF),
        (answering("data: {\n\n"), "The server sent an event that isn't JSON."),
        (lambda route: route.abort(), "The server can't be reached."),
    ],
    ids=["502", "422", "410", "cut", "garbage", "unreachable"],
)
def test_every_failure_is_told(page: Page, app: Any, handle: Callable[[Route], None], problem: str) -> None:
    with served(app) as client:
        page.goto(str(client.base_url))
        page.route("**/chat", handle)
        send(page, "<b>Hello</b>")
        assert shown(page) == [["<b>Hello</b>", "", problem]]
        expect(page.locator(".figures")).to_have_text("No token came.")
        expect(page.get_by_role("alert")).to_have_text(problem)


def test_an_empty_prompt_is_not_sent(page: Page, app: Any) -> None:
    with served(app) as client:
        page.goto(str(client.base_url))
        page.get_by_label("Prompt").press("Enter")
        page.get_by_label("Prompt").press("Shift+Enter")
        page.get_by_role("button").click()
        assert (shown(page), page.get_by_label("Prompt").input_value()) == ([], "\n")


def test_a_character_cut_in_two_by_the_network_is_whole_on_the_page(page: Page, app: Any) -> None:
    gate = Gate()
    sent = 'data: {"text": "€"}\r\n\r\ndata: {"text": "€"}\r\n\r\nevent: done\ndata: {}\n\n'.encode()
    amid = sent.rindex("€".encode()) + 1

    def halves() -> Iterator[bytes]:
        yield sent[:amid]
        gate.wait()
        yield sent[amid:]

    def chat(_: Request) -> StreamingResponse:
        return StreamingResponse(halves(), media_type="text/event-stream")

    app.router.routes.insert(0, AppRoute("/chat", chat, methods=["POST"]))
    with served(app) as client:
        page.goto(str(client.base_url))
        exchange = send(page, "Price?")
        expect(exchange.locator(".answer")).to_have_text("€")
        gate.release()
        assert shown(page) == [["Price?", "€€", ""]]


def test_a_double_click_sends_and_does_not_stop(page: Page, session: Session, model: Model) -> None:
    page.goto(session.address)
    page.get_by_label("Prompt").fill("Hello")
    page.get_by_role("button").dblclick()
    with model.asked("Hello") as writing:
        writing.say("one")
    assert shown(page) == [["Hello", "one", ""]]


def test_thousands_of_tokens_at_once_are_all_shown(page: Page, app: Any) -> None:
    """A layout for each of them took more than the patience of this test."""
    sent = "".join(f'data: {{"text": "word{number} "}}\n\n' for number in range(20_000)) + "event: done\ndata: {}\n\n"
    with served(app) as client:
        page.goto(str(client.base_url))
        page.route("**/chat", answering(sent))
        exchange = send(page, "Many")
        expect(exchange.locator(".figures")).to_contain_text("20000 tokens")
        assert shown(page) == [["Many", "".join(f"word{number} " for number in range(20_000)), ""]]


def test_markup_in_a_token_is_text(page: Page, app: Any) -> None:
    markup = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>"
    with served(app) as client:
        page.goto(str(client.base_url))
        page.route("**/chat", answering(f"data: {json.dumps({'text': markup})}\n\nevent: done\ndata: {{}}\n\n"))
        send(page, markup)
        assert shown(page) == [[markup, markup, ""]]
        assert (page.title(), page.locator("img").count()) == ("Chat through API Gateway", 0)


@pytest.mark.parametrize("handle", [answering("<html>"), answering("{}", 502), lambda route: route.abort()])
def test_a_model_that_can_not_be_told_is_unknown(page: Page, app: Any, handle: Callable[[Route], None]) -> None:
    with served(app) as client:
        page.route("**/about", handle)
        page.goto(str(client.base_url))
        expect(page.locator("#model")).to_have_text("unknown")


def test_a_page_whose_script_does_not_come_sends_nothing(page: Page, app: Any) -> None:
    with served(app) as client:
        page.route("**/chat.js", lambda route: route.abort())
        page.goto(str(client.base_url))
        expect(page.get_by_role("button")).to_be_disabled()


READ_CUT_EVERYWHERE = """async (text) => {
    const { events } = await import("./static/events.js");
    const bytes = new TextEncoder().encode(text);
    const read = [];
    for (let cut = 0; cut <= bytes.length; cut++) {
        const body = new ReadableStream({ start(controller) {
            controller.enqueue(bytes.slice(0, cut));
            controller.enqueue(bytes.slice(cut));
            controller.close();
        }});
        const found = [];
        for await (const event of events(body)) found.push([event.name, event.data]);
        read.push(JSON.stringify(found));
    }
    return [read.length, [...new Set(read)].map(JSON.parse)];
}"""


def test_events_are_the_same_wherever_the_network_cuts_them(page: Page, app: Any) -> None:
    sent = (
        ": ping\n\ndata: a: b\n\nevent: two\r\ndata:x\r\ndata:  ü🎉\u2028\r\n\r\ndata\rdata: cr\r\rid: 7\n\n"
        "event: error\ndata: {}\n\ndata: cut off"
    )
    read = [["message", "a: b"], ["two", "x\n ü🎉\u2028"], ["message", "\ncr"], ["error", "{}"]]
    with served(app) as client:
        page.goto(str(client.base_url))
        assert page.evaluate(READ_CUT_EVERYWHERE, sent) == [len(sent.encode()) + 1, [read]]
