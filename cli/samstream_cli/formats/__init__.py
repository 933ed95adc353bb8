"""The output formats of `samstream check`: each module writes the same values for another reader."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TextIO, get_args

from samstream_cli.checked import Checked
from samstream_cli.formats import github, json, junit, sarif, text
from samstream_cli.tables import report_console

Format = Literal["text", "json", "sarif", "github", "junit"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_WRITERS: Final[Mapping[Format, Callable[[Sequence[Checked], TextIO], None]]] = {
    "text": lambda checks, stream: text.write(checks, report_console(stream)),
    "json": json.write,
    "sarif": sarif.write,
    "github": github.write,
    "junit": junit.write,
}


def write(form: Format, checks: Sequence[Checked], stream: TextIO) -> None:
    """All that was found, in this format."""
    _WRITERS[form](checks, stream)


__all__ = ["FORMATS", "Format", "write"]
