"""Imports an app and tells its OpenAPI document and routes, as JSON on standard output.

It runs in the app's own Python, which may be an older one without samstream: nothing but the standard library is
imported here. What the app itself prints goes to standard error.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Iterator  # noqa: TC003  # as every other module has it
from typing import Any

STREAMING = ("StreamingResponse", "EventSourceResponse")


def main() -> None:
    """Ends at once, whatever threads the app has started, which would keep a process alive."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    process, code = os.getpid(), 1
    try:
        found = told(*sys.argv[1:])
        if os.getpid() == process:  # an app may fork
            json.dump(found, answer)
            answer.close()
        code = 0
    except SystemExit as error:
        print(error.code if isinstance(error.code, str) else f"it calls sys.exit({error.code})", file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def told(folder: str, module: str, name: str, kind: str) -> dict[str, Any]:
    """`kind` is "factory" where the name is that of a function that makes the app."""
    # The first entry is this file's folder, whose modules would hide the app's.
    sys.path[0] = folder
    sys.dont_write_bytecode = True
    app: Any = importlib.import_module(module)
    for part in name.split("."):
        app = getattr(app, part)
    app = app() if kind == "factory" else app
    if not isinstance(getattr(app, "routes", None), list):
        raise SystemExit(f"{module}:{name} is a {type(app).__name__} without routes: name the FastAPI object itself")
    document = app.openapi() if hasattr(app, "openapi") else None
    return {"document": document, "routes": list(described(app))}


def described(app: Any) -> Iterator[dict[str, Any]]:
    """Every route of an app as a map; an included router's routes one by one."""
    for route in contexts(app):
        kind = kind_of(route)
        path = getattr(route, "path_format", None) or getattr(route, "path", None) or ""
        yield {
            "kind": kind,
            "path": path.removesuffix("/{path}") if kind == "mount" else path,
            "greedy": greedy(route),
            "methods": sorted(getattr(route, "methods", None) or ()),
            "documented": bool(getattr(route, "include_in_schema", True)),
            "streams": mounted(route) if kind == "mount" else reason(route),
        }


def contexts(app: Any) -> Iterator[Any]:
    flatten = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", iter)
    yield from flatten(app.routes)
    for group in getattr(getattr(app, "router", None), "_low_priority_routes", ()):
        yield from getattr(group, "routes", ())


def kind_of(route: Any) -> str:
    names = [base.__name__ for base in type(getattr(route, "original_route", route)).__mro__]
    if "Host" in names:
        return "host"
    if "WebSocketRoute" in names:
        return "websocket"
    return "route" if "Route" in names else "mount"


def greedy(route: Any) -> list[str]:
    """The parameters that take several segments: {name:path}."""
    convertors = getattr(route, "param_convertors", None) or {}
    return [name for name, convertor in convertors.items() if type(convertor).__name__ == "PathConvertor"]


def mounted(route: Any) -> str | None:
    """Why a mounted app streams: one of its routes does."""
    inner = getattr(route, "app", None)
    for below in described(inner) if isinstance(getattr(inner, "routes", None), list) else ():
        if below["streams"]:
            return " ".join((*below["methods"], below["path"], "below it streams"))
    return None


def reason(route: Any) -> str | None:
    """Why a route streams, None if nothing shows that it does."""
    response: Any = getattr(route, "response_class", None)
    response = getattr(response, "value", response)
    if is_streaming(response):
        return f"its response class is {response.__name__}"
    endpoint = getattr(route, "endpoint", None)
    function: Any = inspect.unwrap(getattr(endpoint, "func", endpoint)) if callable(endpoint) else None
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return "it yields its answer"
    annotation = getattr(function, "__annotations__", {}).get("return")
    if is_streaming(annotation) or any(name in str(annotation) for name in STREAMING):
        return f"it returns {getattr(annotation, '__name__', annotation)}"
    name = next(used(getattr(function, "__code__", None), getattr(function, "__globals__", {})), None)
    return f"its code makes a {name}" if name else None


def is_streaming(value: Any) -> bool:
    return isinstance(value, type) and any(base.__name__ in STREAMING for base in value.__mro__)


def used(code: Any, names: dict[str, Any]) -> Iterator[str]:
    """The streaming classes that a function's code names, by whatever alias."""
    for name in code.co_names if code else ():
        if name in STREAMING or is_streaming(names.get(name)):
            yield name
    for constant in code.co_consts if code else ():
        if inspect.iscode(constant):
            yield from used(constant, names)


if __name__ == "__main__":
    main()
