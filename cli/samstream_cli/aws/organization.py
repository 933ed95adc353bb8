"""Where in an organization the macro is to be: units, accounts, Regions, and which of them don't have it yet."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from samstream_cli.aws.clients import Clients, caller
from samstream_cli.aws.errors import AccessDeniedError, AwsError, aws_errors, code_of, is_denied
from samstream_cli.aws.stacksets import CallAs, Home, Instance
from samstream_cli.errors import UsageError

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

ADVICE: Final = "`samstream install --print-policy organization` prints a policy that allows it."

_UNIT: Final = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html"""


@dataclass(frozen=True, slots=True)
class Targets:
    """What `--ou`, `--account`, `--exclude-account` and `--region` say."""

    units: Sequence[str] = ()
    accounts: Sequence[str] = ()
    excluded: Sequence[str] = ()
    regions: Sequence[str] = ()

    @property
    def is_partial(self) -> bool:
        return bool(self.units or self.accounts or self.excluded or self.regions)

    def has(self, one: Instance) -> bool:
        """Whether an instance is among them; what isn't named doesn't narrow."""
        return (
            (not self.units or one.unit in self.units)
            and (not self.accounts or one.account in self.accounts)
            and one.account not in self.excluded
            and (not self.regions or one.region in self.regions)
        )

    def has_account(self, account: str) -> bool:
        return account not in self.excluded and (not self.accounts or account in self.accounts)


@dataclass(frozen=True, slots=True)
class Batch:
    """The targets of one request: each unit or account in each Region."""

    regions: tuple[str, ...]
    units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    filter: str = ""

    @property
    def request(self) -> dict[str, Any]:
        regions = {"Regions": list(self.regions)}
        if not self.units:
            return {"Accounts": list(self.accounts), **regions}
        targets: dict[str, Any] = {"OrganizationalUnitIds": list(self.units)}
        if self.filter:
            targets |= {"Accounts": list(self.accounts), "AccountFilterType": self.filter}
        return {"DeploymentTargets": targets, **regions}

    def __str__(self) -> str:
        where = f"in {', '.join(self.regions)}"
        accounts, units = ", ".join(self.accounts), ", ".join(self.units)
        if not self.units:
            return f"{accounts} {where}"
        whom = {"INTERSECTION": f"{accounts} of", "DIFFERENCE": f"every account but {accounts} of"}
        return f"{whom.get(self.filter, 'every account of')} {units} {where}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How many accounts at a time and how many failures are taken, as a number or a percentage."""

    max_concurrent: str = "10"
    failure_tolerance: str = "100%"

    @property
    def request(self) -> dict[str, Any]:
        """All Regions at once, and failures don't slow the rest down."""
        wanted: dict[str, Any] = {"RegionConcurrencyType": "PARALLEL", "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}
        for name, value in (("MaxConcurrent", self.max_concurrent), ("FailureTolerance", self.failure_tolerance)):
            wanted[name + ("Percentage" if value.endswith("%") else "Count")] = int(value.rstrip("%"))
        return {"OperationPreferences": wanted}


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and for which StackSet; `management` is empty where it isn't known or doesn't matter."""

    clients: Clients = field(repr=False)
    home: Home
    account: str
    management: str = ""

    @property
    def is_management(self) -> bool:
        return self.account == self.management


def check_targets(targets: Targets, *, self_managed: bool) -> None:
    """Refuses ids that are none, and options that contradict each other. Raises `UsageError`."""
    for unit in targets.units:
        if not _UNIT.fullmatch(unit):
            raise UsageError(f"{unit!r} from --ou is no organizational unit", "Write --ou ou-abcd-12345678 or r-abcd.")
    for account in (*targets.accounts, *targets.excluded):
        if not re.fullmatch(r"[0-9]{12}", account):
            raise UsageError(f"{account!r} is no account", "Write its twelve digits, --account 123456789012.")
    if targets.accounts and targets.excluded:
        raise UsageError("--account and --exclude-account can't be given together", "Leave one of them out.")
    if self_managed and (targets.units or targets.excluded):
        message = "a self-managed StackSet knows accounts only, no organizational units"
        raise UsageError(message, "Name each with --account; leave out --ou and --exclude-account.")


def missing(
    targets: Targets,
    instances: Iterable[Instance],
    covered: Mapping[str, Collection[str]],
    members: Mapping[str, Collection[str]],
) -> tuple[Batch, ...]:
    """What is to be added. `covered` are units that accounts may join, `members` accounts of units where known."""
    has: dict[str, set[str]] = {}
    for one in instances:
        has.setdefault(one.account, set()).add(one.region)
        has.setdefault(one.unit, set()).add(one.region)

    def lacks(one: str, region: str) -> bool:
        accounts = [account for account in members.get(one, ()) if account not in targets.excluded]
        if accounts:
            return any(region not in has.get(account, ()) for account in accounts)
        return region not in has.get(one, ()) and region not in covered.get(one, ())

    wanted = targets.accounts or targets.units
    found = {one: tuple(region for region in targets.regions if lacks(one, region)) for one in wanted}
    if not targets.accounts:
        excluded = tuple(targets.excluded)
        return tuple(_batch(regions, units, excluded, "DIFFERENCE") for regions, units in _grouped(found))
    units = tuple(targets.units)
    return tuple(_batch(regions, units, accounts, "INTERSECTION") for regions, accounts in _grouped(found))


def to_remove(targets: Targets, instances: Iterable[Instance], covered: Mapping[str, Collection[str]]) -> list[Batch]:
    """What is to be deleted. Units go as such, those without accounts too, or accounts that join would get it anew."""
    found: dict[str, set[str]] = {}
    is_service_managed = False
    for one in instances:
        if targets.has(one):
            is_service_managed |= bool(one.unit)
            found.setdefault(one.unit or one.account, set()).add(one.region)
    if not targets.accounts and not targets.excluded:
        for unit, regions in covered.items():
            if not targets.units or unit in targets.units:
                here = {region for region in regions if not targets.regions or region in targets.regions}
                found.setdefault(unit, set()).update(here)
                is_service_managed = True
    grouped = _grouped({key: tuple(sorted(regions)) for key, regions in found.items()})
    if not is_service_managed:
        return [Batch(regions, accounts=accounts) for regions, accounts in grouped]
    accounts, kind = (targets.accounts, "INTERSECTION") if targets.accounts else (targets.excluded, "DIFFERENCE")
    return [_batch(regions, units, tuple(accounts), kind) for regions, units in grouped]


def find_context(clients: Clients, home_region: str, name: str, call_as: CallAs, *, self_managed: bool) -> Context:
    """Who calls, and whether an organization is there to be used. Raises `AwsError`."""
    home = Home(clients.of("cloudformation", home_region), home_region, name, call_as)
    account, _ = caller(clients, home_region)
    if self_managed:
        return Context(clients, home, account)
    management = _management_account(clients.of("organizations", home_region), home_region)
    if call_as == "SELF" and management not in ("", account):
        message = f"the organization's management account is {management}, and this is {account}"
        remedy = "Add --call-as DELEGATED_ADMIN if it is a delegated administrator, or use --self-managed."
        raise AwsError(message, remedy, "NotManagement")
    with aws_errors(home_region, ADVICE):
        access = home.client.describe_organizations_access(**home.caller).get("Status", "unknown")
    if access != "ENABLED":
        message = f"StackSets have no trusted access to the organization ({access})"
        remedy = (
            "Activate it in the management account: aws cloudformation activate-organizations-access --region "
            f"{home_region}"
        )
        raise AwsError(message, remedy, "TrustedAccess")
    return Context(clients, home, account, management)


def members_of(context: Context, units: Iterable[str]) -> dict[str, set[str]]:
    """The active accounts below each unit, for those units that may be looked into."""
    client = context.clients.of("organizations", context.home.region)
    found: dict[str, set[str]] = {}
    for unit in units:
        try:
            with aws_errors(context.home.region, ADVICE):
                found[unit] = _accounts_below(client, unit) - {context.management}
        except AccessDeniedError:
            continue
    return found


def _accounts_below(client: "OrganizationsClient", parent: str) -> set[str]:
    accounts = client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent)
    found = {one.get("Id", "") for page in accounts for one in page["Accounts"] if one.get("Status") == "ACTIVE"}
    children = client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent)
    return found.union(
        *(_accounts_below(client, one.get("Id", "")) for page in children for one in page["OrganizationalUnits"])
    )


def _management_account(client: "OrganizationsClient", region: str) -> str:
    try:
        with aws_errors(region, ADVICE):
            try:
                return client.describe_organization()["Organization"].get("MasterAccountId", "")
            except client.exceptions.ClientError as error:
                if is_denied(error):
                    return ""
                if code_of(error) != "AWSOrganizationsNotInUseException":
                    raise
    except AwsError as error:
        error.remedy = error.remedy or ADVICE
        raise
    message = "this account is in no organization"
    raise AwsError(message, "Use --self-managed with --account, or leave out --organization.", "NoOrganization")


def _batch(regions: tuple[str, ...], units: tuple[str, ...], accounts: tuple[str, ...], kind: str) -> Batch:
    return Batch(regions, units, accounts, kind if units and accounts else "")


def _grouped(wanted: Mapping[str, tuple[str, ...]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Those with the same Regions together: a request names each target in each Region."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, regions in wanted.items():
        if regions:
            groups.setdefault(regions, []).append(key)
    return [(regions, tuple(keys)) for regions, keys in groups.items()]
