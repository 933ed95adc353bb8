"""The options of verbs that work in an organization as well, and what they say as one value."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import click

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.organization import Context, Preferences, Targets, check_targets, find_context
from samstream_cli.aws.stacksets import CallAs
from samstream_cli.errors import UsageError
from samstream_cli.options import find_region

_WHERE: Final = (
    click.option("--organization", is_flag=True, help="In many accounts at once, by a StackSet."),
    click.option("--ou", "units", multiple=True, metavar="ID", help="Organizational unit, or the root; repeatable."),
    click.option("--account", "accounts", multiple=True, metavar="ID", help="Only this one of them; repeatable."),
    click.option("--exclude-account", "excluded", multiple=True, metavar="ID", help="Not this one; repeatable."),
    click.option("--self-managed", is_flag=True, help="By roles of your own in each --account, without --ou."),
    click.option("--call-as", type=click.Choice(get_args(CallAs)), help="DELEGATED_ADMIN in a member account."),
    click.option(
        "--home-region", metavar="R", help="Where the StackSet itself is  [default: AWS_REGION, the profile's]"
    ),
)
_HOW: Final = (
    click.option("--max-concurrent", metavar="N", help="Accounts at a time, or a percentage  [default: 10]"),
    click.option("--failure-tolerance", metavar="N", help="Failures before the rest is left, or %  [default: 100%]"),
)
_INSTALLING: Final = (
    click.option(
        "--retain/--no-retain", "is_retained", default=None, help="Keep stacks of accounts that leave a unit."
    ),
    click.option("--admin-role", metavar="ARN", help="Self-managed: the administration role, if named otherwise."),
    click.option("--execution-role", metavar="NAME", help="Self-managed: the execution role, if named otherwise."),
)

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say; their values as click passes them."""

    organization: bool
    units: tuple[str, ...]
    accounts: tuple[str, ...]
    excluded: tuple[str, ...]
    self_managed: bool
    call_as: CallAs | None
    home_region: str | None
    max_concurrent: str | None = None
    failure_tolerance: str | None = None
    is_retained: bool | None = None
    admin_role: str | None = None
    execution_role: str | None = None

    def check(self, regions: Sequence[str]) -> None:
        """Refuses what doesn't go together, before AWS is asked for anything. Raises `UsageError`."""
        if not self.organization:
            self._refuse_alone()
            return
        if self.self_managed and self.call_as == "DELEGATED_ADMIN":
            raise UsageError("a self-managed StackSet knows no delegated administrator", "Leave out --call-as.")
        if not self.self_managed and (self.admin_role or self.execution_role):
            message = "--admin-role and --execution-role are of self-managed StackSets"
            raise UsageError(message, "Add --self-managed, or leave them out.")
        if self.self_managed and self.is_retained is not None:
            raise UsageError("--retain is of service-managed StackSets", "Leave it out.")
        for option, value in (("max-concurrent", self.max_concurrent), ("failure-tolerance", self.failure_tolerance)):
            _check_amount(option, value)
        check_targets(self.targets(regions), self_managed=self.self_managed)

    def targets(self, regions: Sequence[str]) -> Targets:
        found = _once([find_region(region)[0] for region in regions])
        return Targets(_once(self.units), _once(self.accounts), _once(self.excluded), found)

    @property
    def preferences(self) -> Preferences:
        usual = Preferences()
        return Preferences(
            self.max_concurrent or usual.max_concurrent, self.failure_tolerance or usual.failure_tolerance
        )

    def context(self, clients: Clients, regions: Sequence[str], name: str) -> Context:
        """Raises `AwsError`, `UsageError`."""
        return find_context(
            clients, self.home(clients, regions), name, self.call_as or "SELF", self_managed=self.self_managed
        )

    def home(self, clients: Clients, regions: Sequence[str]) -> str:
        """The Region of the StackSet itself. Raises `UsageError`."""
        try:
            return clients.regions((self.home_region,) if self.home_region else ())[0]
        except UsageError:
            if self.home_region or not regions:
                raise
            return clients.regions(regions)[0]

    def _refuse_alone(self) -> None:
        given = {
            "--ou": self.units,
            "--account": self.accounts,
            "--exclude-account": self.excluded,
            "--self-managed": self.self_managed,
            "--call-as": self.call_as,
            "--home-region": self.home_region,
            "--max-concurrent": self.max_concurrent,
            "--failure-tolerance": self.failure_tolerance,
            "--retain": self.is_retained is not None,
            "--admin-role": self.admin_role,
            "--execution-role": self.execution_role,
        }
        for option, value in given.items():
            if value:
                raise UsageError(f"{option} needs --organization", "Add it, or leave the option out.")


def organization_options(command: _Command) -> _Command:
    """Which StackSet, and which part of it."""
    return _with(_WHERE, command)


def preference_options(command: _Command) -> _Command:
    """How fast, and how many failures."""
    return _with(_HOW, command)


def installing_options(command: _Command) -> _Command:
    """What only a StackSet's making says."""
    return _with(_INSTALLING, command)


def _with(options: Sequence[Callable[[_Command], _Command]], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def _once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _check_amount(option: str, value: str | None) -> None:
    if value is None:
        return
    is_number = re.fullmatch(r"[0-9]{1,4}%?", value) is not None
    least = 1 if option == "max-concurrent" else 0
    if not is_number or int(value.rstrip("%")) < least or (value.endswith("%") and int(value[:-1]) > 100):
        raise UsageError(f"{value!r} from --{option} is no number of accounts", f"Write --{option} 5 or 25%.")
