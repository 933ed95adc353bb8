"""Reads that may be refused: what one doesn't give is kept as the reason why, and the others go on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import AccessDeniedError, AwsError, CredentialsError, UnreachableError, aws_errors

ADVICE: Final = "docs/verify.md has a policy that allows all that is read."

_MISSING: Final = ("NotFoundException", "ResourceNotFoundException")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """Why there is no answer; `action` is the permission that is lacking, if that is why."""

    reason: str
    remedy: str = ""
    action: str = ""
    is_missing: bool = False


class Reader:
    """Calls AWS in one Region and keeps every reason once, in its order."""

    def __init__(self, clients: Clients, region: str) -> None:
        self.clients = clients
        self.region = region
        self.problems: dict[Unread, None] = {}

    def read(self, call: Callable[[], T], region: str | None = None) -> T | Unread:
        """The answer, or why there is none. Raises `CredentialsError`, `UnreachableError`: nothing else would fare
        better."""
        try:
            with aws_errors(region or self.region, ADVICE):
                return call()
        except (CredentialsError, UnreachableError):
            raise
        except AwsError as error:
            action = error.action if isinstance(error, AccessDeniedError) else ""
            problem = Unread(error.message, error.remedy, action, error.code in _MISSING)
            self.problems[problem] = None
            return problem
