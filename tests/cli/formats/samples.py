"""Checked templates that the tests of all formats write."""

import io

from samstream.findings import Finding
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats import Format, write

PLACE = ("Resources", "Chat", "Metadata", "Streaming")

ERROR = Located(
    Finding("E201", "Chat", PLACE, "There is no route GET /x. Mend it."),
    PLACE,
    Region(14, 7, 14, 16),
    "      Streaming: maybe",
    (6, 15),
)
WARNING = Located(
    Finding("W303", "Chat", (), "Chat: its runtime can't stream. Add the adapter."),
    ("Resources", "Chat"),
    Region(9, 3, 12, 20),
)
NOWHERE = Located(Finding("E006", "", (), "There is no such file. Check the path."), (), None)

MIXED = (
    Checked("src/template.yaml", (ERROR, WARNING), ("A macro was skipped.",)),
    Checked("gone.yaml", (NOWHERE,)),
    Checked("fine.yaml", ()),
)


def written(form: Format, *checks: Checked) -> str:
    stream = io.StringIO()
    write(form, checks, stream)
    return stream.getvalue()


def saying(message: str, name: str = "template.yaml") -> Checked:
    """One finding with this message."""
    return Checked(name, (Located(Finding("E201", "", (), message), PLACE, Region(1, 2, 1, 3)),))
