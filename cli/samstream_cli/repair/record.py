"""The undo file: what was there before a repair. It is written before the first change, for its owner's eyes only."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from samstream import __version__
from samstream_cli.errors import UsageError
from samstream_cli.repair.plan import NEW, FunctionChange, Place, Plan, RouteChange, State

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What a repair changed or meant to change. `deployment` is the one it made, empty as long as there is none."""

    place: Place
    served: str
    routes: tuple[RouteChange, ...]
    functions: tuple[FunctionChange, ...]
    deployment: str = NEW


def record_of(plan: Plan) -> Record:
    return Record(plan.place, plan.served, tuple(one for one in plan.routes if one.is_needed), plan.functions)


def create(path: Path, record: Record) -> None:
    """A new file. Raises `UsageError` where there is one already, or none can be made."""
    with _writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # it is open already
            file.write(_text(record))


def rewrite(path: Path, record: Record) -> None:
    """The same file with more in it; whatever happens, a whole one is there. Raises `UsageError`."""
    with _writing(path):
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # it is open already
                file.write(_text(record))
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise


def load(path: Path) -> Record:
    """Raises `UsageError` for a file that is none of these."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}", "Name the file a repair wrote.") from error
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("version"), int) and found["version"] > VERSION:
        raise UsageError(f"{path} was written by a newer samstream", "Use that one.")
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path} is no undo file of samstream repair", "Name the file a repair wrote.") from None


def _text(record: Record) -> str:
    return json.dumps({"version": VERSION, "samstream": __version__, **asdict(record)}, indent=2) + "\n"


def _read(found: Any) -> Record:
    routes = tuple(
        RouteChange(**{**one, "before": _typed(State(**one["before"])), "after": _typed(State(**one["after"]))})
        for one in found["routes"]
    )
    functions = tuple(FunctionChange(**one) for one in found["functions"])
    record = Record(Place(**found["place"]), found["served"], routes, functions, found["deployment"])
    texts = [*asdict(record.place).values(), record.served, record.deployment]
    texts += [text for one in routes for text in (one.route, one.resource_id, one.method, one.function, one.note)]
    texts += [text for one in functions for text in (one.arn, one.region, one.before or "", one.after or "")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return record


def _typed(state: State) -> State:
    if not (isinstance(state.mode, str) and isinstance(state.uri, str) and type(state.timeout) is int):
        raise TypeError
    return state


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise UsageError(f"{path} exists already", "Name another file: --record FILE") from None
    except OSError as error:
        remedy = "Check the directory's permissions, or name another file: --record FILE"
        raise UsageError(f"{path} can't be written: {error.strerror}", remedy) from error
