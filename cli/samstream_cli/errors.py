"""What goes wrong with usage or the environment: one base class, one exit code each, one catch in `main.py`.

What is wrong with a template that could be read is no exception but a finding or a refusal.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every verb, as `--help` lists them."""

    OK = 0
    WOULD_FAIL = 1
    UNUSABLE = 2
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class SamstreamError(Exception):
    """The message says what is wrong and where, the remedy what to do about it."""

    exit_code = ExitCode.UNUSABLE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(SamstreamError):
    """Options that contradict each other, or a file that can't be written."""


class TemplateError(SamstreamError):
    """A file that can't be read as a template; `line` is where, 0 for the file as a whole."""

    def __init__(self, message: str, remedy: str = "", line: int = 0) -> None:
        super().__init__(message, remedy)
        self.line = line


class ParameterError(SamstreamError):
    """Parameter values that the template doesn't take, or needs and doesn't have."""
