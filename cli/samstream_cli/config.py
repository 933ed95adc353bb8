"""Settings of `samstream check` that a project keeps in a file.

`.samstream.toml` has them under `[check]`, `pyproject.toml` under `[tool.samstream.check]`. The nearest folder with
either counts, from where the search starts up to the repository's root; `.samstream.toml` wins over its neighbour.
"""

import glob
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

from samstream.findings import nearest
from samstream_cli.checked import FailOn
from samstream_cli.errors import UsageError
from samstream_cli.formats import FORMATS, Format
from samstream_cli.rule_texts import TEXTS

OWN_FILE: Final = ".samstream.toml"
PYPROJECT: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """What a file sets, and which one; None and empty for what it doesn't."""

    source: Path | None = None
    templates: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()
    fail_on: FailOn | None = None
    format: Format | None = None
    region: str | None = None
    macro_name: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def find_templates(self) -> tuple[Path, ...]:
        """The files that `templates` names, as seen from the working directory where they lie below it. Folders whose
        name starts with a dot, such as `.aws-sam`, are passed over unless a glob names them, and so is
        `node_modules`. Raises `UsageError` for globs that match nothing."""
        if self.source is None:
            return ()
        folder = self.source.parent
        found = {pattern: _matches(folder, pattern) for pattern in self.templates}
        empty = [pattern for pattern, paths in found.items() if not paths]
        if empty:
            message = f"{self.source}: templates matches no file: {', '.join(map(repr, empty))}"
            raise UsageError(message, f"Globs start in {folder}; mend them, or name a template on the command line.")
        return tuple(sorted({path for paths in found.values() for path in paths}))


class ConfigError(UsageError):
    """A file of settings that can't be used, with everything that is wrong in it."""


def find_config(start: Path) -> Config:
    """The settings for what lies in this folder. Raises `ConfigError`."""
    folder = start.resolve()
    for place in (folder, *folder.parents):
        for name in (OWN_FILE, PYPROJECT):
            path = place / name
            tables = _tables(path, _read(path)) if path.is_file() else None
            if tables is not None:
                return _config(path, tables)
        if (place / ".git").exists():
            break
    return Config()


def _tables(path: Path, content: dict[str, Any]) -> Any:
    """What the file holds for samstream, None for a pyproject.toml that has nothing for it."""
    if path.name == OWN_FILE:
        return content
    tool = content.get("tool")
    return tool.get("samstream") if isinstance(tool, dict) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}", "Check its permissions.") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", "Save it as UTF-8.") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be read", "Flatten it.") from None
    except ValueError as error:
        raise _invalid(path, str(error)) from None


def _invalid(path: Path, problem: str) -> ConfigError:
    """Moves the place that tomllib tells in words to where editors look for it."""
    match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", problem, re.DOTALL)
    place, what = (f"{path}:{match[2]}:{match[3]}", match[1]) if match else (f"{path}", problem)
    return ConfigError(f"{place}: this is not TOML: {what}", "Mend it there.")


def _config(path: Path, tables: Any) -> Config:
    top = "" if path.name == OWN_FILE else "tool.samstream."
    if not isinstance(tables, dict) or not isinstance(tables.get("check", {}), dict):
        raise ConfigError(f"{path}: {top}check must be a table", f"Write [{top}check] and its keys below.")
    check: dict[str, Any] = tables.get("check", {})
    problems = [_unknown(f"{top}{key}", key, ("check",)) for key in tables if key != "check"]
    values = {}
    for key, value in check.items():
        where = f"{top}check.{key}"
        if key not in _READERS:
            problems.append(_unknown(where, key, tuple(_READERS)))
            continue
        try:
            values[key.replace("-", "_")] = _READERS[key](value)
        except ValueError as error:
            problems.append(f"{where} must be {error}")
    if problems:
        listed = f" {problems[0]}" if len(problems) == 1 else "".join(f"\n  {problem}" for problem in problems)
        raise ConfigError(f"{path}:{listed}", f"The keys of [{top}check] are {', '.join(_READERS)}.")
    return Config(path, **values)


def _unknown(where: str, key: str, known: tuple[str, ...]) -> str:
    near = nearest(key, known, 0.5)
    return f"{where} is unknown" + (f", the nearest is {near}" if near else "")


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    return value


def _read_templates(value: Any) -> tuple[str, ...]:
    try:
        return tuple(_texts(value))
    except ValueError:
        raise ValueError('a list of globs such as ["template.yaml", "services/**/template.yaml"]') from None


def _read_ignore(value: Any) -> frozenset[str]:
    try:
        rules = frozenset(rule.upper() for rule in _texts(value))
    except ValueError:
        raise ValueError('a list of rule ids such as ["W401"]') from None
    unknown = sorted(rules - TEXTS.keys())
    if unknown:
        raise ValueError(f"a list of rule ids; there is no {', '.join(unknown)}, only {', '.join(TEXTS)}")
    return rules


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return str(value)

    return read


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text")
    return value


def _read_parameters(value: Any) -> dict[str, str]:
    """A problem names parameters, never their values."""
    if not isinstance(value, dict):
        raise ValueError('a table such as {Stage = "prod"}')  # noqa: TRY004  # what every reader raises
    wrong = [name for name, text in value.items() if not isinstance(text, str)]
    if wrong:
        raise ValueError(f"a table of texts in quotes, which {', '.join(wrong)} {'are' if wrong[1:] else 'is'} not")
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "templates": _read_templates,
    "ignore": _read_ignore,
    "fail-on": _one_of(*get_args(FailOn)),
    "format": _one_of(*FORMATS),
    "region": _read_text,
    "macro-name": _read_text,
    "parameters": _read_parameters,
}


def _matches(folder: Path, pattern: str) -> list[Path]:
    # Path.glob would look into hidden folders too, where `sam build` leaves copies of templates.
    names = glob.iglob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    paths = (Path(os.path.normpath(folder / name)) for name in names)
    is_wanted = "node_modules" in pattern
    return [_shown(path) for path in paths if path.is_file() and (is_wanted or "node_modules" not in path.parts)]


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
