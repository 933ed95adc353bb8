"""Progress: nothing for quick work, one line in a file for slow work."""

import io
from threading import Event

from samstream_cli.progress import progress


class Told(io.StringIO):
    """A stream that lets a test wait until something is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count


def test_quick_work_is_not_talked_about() -> None:
    stream = Told()
    with progress("SAM translates", stream):
        pass
    assert stream.getvalue() == ""


def test_slow_work_gets_its_line() -> None:
    stream = Told()
    with progress("SAM translates", stream, quiet_seconds=0):
        assert stream.written.wait(10)
    assert stream.getvalue() == "SAM translates ...\n"
