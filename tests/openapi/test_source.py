"""Apps and documents, read from wherever they are."""

import json
import sys
from pathlib import Path

import pytest

from openapi.converting import APPS, read
from samstream_cli.errors import SamstreamError
from samstream_cli.openapi.source import AppRoute, Importing, Source, read_source

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}


def refusal(name: str, importing: Importing) -> str:
    with pytest.raises(SamstreamError) as caught:
        read_source(name, importing)
    return f"{caught.value.message}. {caught.value.remedy}"


def written(folder: Path, text: str, name: str = "app.py") -> Importing:
    (folder / name).write_text(text)
    return Importing(folder)


def test_a_document_is_read_as_json_as_yaml_and_from_an_address(tmp_path: Path) -> None:
    text = json.dumps(DOCUMENT)
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.YAML").write_text("openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\n")
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return text.encode()

    sources = [
        read_source(str(tmp_path / "a.json"), Importing(tmp_path)),
        read_source(str(tmp_path / "a.YAML"), Importing(tmp_path)),
        read_source("https://user:secret@example.com/openapi.json?key=secret", Importing(tmp_path), fetch),
    ]
    assert sources == [
        Source(str(tmp_path / "a.json"), DOCUMENT),
        Source(str(tmp_path / "a.YAML"), DOCUMENT),
        Source("https://example.com/openapi.json", DOCUMENT),
    ]
    assert asked == ["https://user:secret@example.com/openapi.json?key=secret"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'", "a.yaml is no OpenAPI 3 document but a Swagger 2.0 one. Convert it to OpenAPI 3 first."),
        ("[]", "a.yaml is no OpenAPI 3 document. Such a document begins with openapi: 3.1.0."),
        ("", "a.yaml is no OpenAPI 3 document. Such a document begins with openapi: 3.1.0."),
        ("a: [", "a.yaml:1: this is not YAML"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in refusal(str(tmp_path / "a.yaml"), written(tmp_path, text, "a.yaml"))


def test_an_app_of_a_package_of_an_attribute_and_of_a_factory_is_found(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    code = "from starlette.applications import Starlette\ndef make(): return Starlette()\nclass holder: app = make()\n"
    (tmp_path / "pack" / "main.py").write_text(code)
    document = {"openapi": "3.1.0", "info": {"title": "pack.main:make", "version": "0"}, "paths": {}}
    assert read_source("pack.main:holder.app", Importing(tmp_path)).routes == ()
    assert read_source("pack.main:make", Importing(tmp_path, is_factory=True)).document == document


def test_modules_of_the_app_are_its_own_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / "paths.py").write_text("from starlette.routing import Mount\nroute = Mount('/here', routes=[])\n")
    importing = written(
        tmp_path, "from starlette.applications import Starlette\nimport paths\napp = Starlette(routes=[paths.route])\n"
    )
    assert read_source("app:app", importing).routes == (AppRoute("mount", "/here", greedy=("path",)),)


def test_what_an_app_prints_mixes_with_nothing_and_its_threads_hold_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert len(read("large").routes) == 200
    assert "an app may print" not in capfd.readouterr().out


@pytest.mark.parametrize(
    ("code", "name", "last"),
    [
        ("raise ValueError('no database')", "app:app", "ValueError: no database"),
        ("import a_missing_one", "app:app", "ModuleNotFoundError: No module named 'a_missing_one'"),
        ("x = (", "app:app", "SyntaxError: '(' was never closed"),
        ("", "app:app", "AttributeError: module 'app' has no attribute 'app'"),
        ("app = 1", "app:app", "app:app is a int without routes: name the FastAPI object itself"),
        ("import sys\nsys.exit('no settings')", "app:app", "no settings"),
        ("import sys\nprint('INFO: here')\nsys.exit('no settings')", "app:app", "no settings"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n1 / 0", "app:app",
         "ZeroDivisionError: division by zero"),
        ("def app():\n    raise KeyError(1)", "app:app",
         "app:app is a function without routes: name the FastAPI object itself"),
    ],
)  # fmt: skip
def test_an_import_that_fails_is_told_with_the_apps_last_lines(tmp_path: Path, code: str, name: str, last: str) -> None:
    message = refusal(name, written(tmp_path, code))
    assert message.startswith(f"{name} can't be imported: {last}. It was looked for in {tmp_path} (--app-dir)")
    assert "<frozen" not in message


def test_an_import_that_fails_is_told_in_the_words_of_its_exception(tmp_path: Path) -> None:
    code = "class Wrong(Exception): pass\nraise Wrong('no \x1b[31mtable.\\n\\nFor more, see https://example.com')"
    message = refusal("app:app", written(tmp_path, code))
    assert message.startswith("app:app can't be imported: app.Wrong: no [31mtable.. It was looked for")
    assert message.endswith("  app.Wrong: no [31mtable.\n  For more, see https://example.com")


def test_an_import_that_only_ends_is_told_as_that(tmp_path: Path) -> None:
    for code, told in (("import sys; sys.exit(0)", "it calls sys.exit(0)"), ("import os; os._exit(0)", "it ended")):
        assert refusal("app:app", written(tmp_path, code)).startswith(f"app:app can't be imported: {told}")


@pytest.mark.parametrize("code", ["os.fork()", "subprocess.Popen(['sleep', '600'])"])
def test_processes_that_an_app_starts_hold_nobody_and_answer_nothing(tmp_path: Path, code: str) -> None:
    made = "import os, subprocess\nfrom starlette.applications import Starlette\napp = Starlette()\n"
    assert read_source("app:app", written(tmp_path, made + code)).routes == ()


def test_an_app_whose_document_is_none_is_refused(tmp_path: Path) -> None:
    code = "class app:\n    routes = []\n    def openapi(): return [1]\n"
    assert refusal("app:app", written(tmp_path, code)).startswith("app:app is no OpenAPI 3 document.")


def test_names_folders_and_pythons_that_are_none_are_refused(tmp_path: Path) -> None:
    importing = Importing(tmp_path)
    assert refusal("app", importing).startswith("app names no app and no document. Write MODULE:APP")
    assert refusal("app:--x", importing).startswith("app:--x names no app and no document.")
    assert refusal("app:app", Importing(tmp_path / "gone")) == (
        f"{tmp_path / 'gone'} is no directory. Name the app's folder: --app-dir DIR"
    )
    assert refusal("app:app", Importing(tmp_path, "/gone/python")) == (
        "/gone/python can't be run: No such file or directory. Name a Python: --python PATH"
    )
    assert refusal("http://127.0.0.1:1/openapi.json?key=secret", importing).startswith(
        "http://127.0.0.1:1/openapi.json can't be read. Is the server running? ConnectError"
    )


def test_another_python_imports_the_app() -> None:
    assert read_source("plain:create", Importing(APPS, sys.executable, is_factory=True)).routes[0] == AppRoute(
        "route", "/stream", ("GET", "HEAD"), streams="its code makes a StreamingResponse"
    )
