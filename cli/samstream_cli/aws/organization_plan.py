"""What installing the macro in an organization would change, as data: read, compared, nothing asked for yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.aws.installation import Order
from samstream_cli.aws.macro_template import DEFAULT_NAME, NAME_PARAMETER, read_macro_template
from samstream_cli.aws.organization import ADVICE, Batch, Context, Preferences, Targets, members_of, missing
from samstream_cli.aws.stacksets import (
    SELF_MANAGED,
    SERVICE_MANAGED,
    Instance,
    StackSet,
    as_parameters,
    find_stack_set,
    list_instances,
    list_units,
)
from samstream_cli.errors import SamstreamError, UsageError


@dataclass(frozen=True, slots=True)
class Wish:
    """What to install where in an organization; roles are a self-managed StackSet's, none for those by default."""

    order: Order
    targets: Targets
    preferences: Preferences = field(default_factory=Preferences)
    self_managed: bool = False
    is_retained: bool | None = None
    admin_role: str | None = None
    execution_role: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is and what is to come."""

    wish: Wish
    before: StackSet | None
    instances: tuple[Instance, ...]
    missing: tuple[Batch, ...]
    is_update: bool
    accounts: tuple[str, ...]
    """All it is about, as far as they are known."""

    @property
    def name(self) -> str:
        return self.wish.order.name or (self.before.parameters[NAME_PARAMETER] if self.before else DEFAULT_NAME)

    @property
    def is_nothing(self) -> bool:
        return self.before is not None and not self.is_update and not self.missing

    @property
    def version(self) -> str:
        return self.wish.order.template.version or "unknown"

    @property
    def version_before(self) -> str:
        return version_of_template(self.before.template) if self.before else ""

    @property
    def creation(self) -> dict[str, Any]:
        """What a StackSet is made of, but for its name."""
        wish = self.wish
        request = {**self._common(wish.order.tags), "ManagedExecution": {"Active": True}}
        if not wish.self_managed:
            request["AutoDeployment"] = {
                "Enabled": True,
                "RetainStacksOnAccountRemoval": bool(wish.is_retained),
            }
        return request

    @property
    def update(self) -> dict[str, Any]:
        """What an update says. Without targets it reaches all instances, those that failed before too."""
        before, wish = self.before, self.wish
        tags = {**before.tags, **wish.order.tags} if before and wish.order.tags else {}
        request = {**self._common(tags), **wish.preferences.request}
        if before and wish.is_retained not in (None, before.is_retained):
            request["AutoDeployment"] = {
                "Enabled": before.is_automatic,
                "RetainStacksOnAccountRemoval": bool(wish.is_retained),
            }
        return request

    def _common(self, tags: Mapping[str, str]) -> dict[str, Any]:
        wish, has = self.wish, self.before.parameters if self.before else {}
        kept: dict[str, str | None] = {name: None for name in wish.order.template.parameters if name in has}
        roles = {"AdministrationRoleARN": wish.admin_role, "ExecutionRoleName": wish.execution_role}
        return {
            "TemplateBody": wish.order.template.text,
            "Parameters": as_parameters({NAME_PARAMETER: self.name, **kept, **wish.order.parameters}),
            "Capabilities": ["CAPABILITY_IAM"],
            "PermissionModel": SELF_MANAGED if wish.self_managed else SERVICE_MANAGED,
            **({"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}),
            **{key: value for key, value in roles.items() if value},
        }


def make_plan(context: Context, wish: Wish) -> Plan:
    """Compares what is wished for with what there is. Raises `AwsError`, `UsageError`."""
    with aws_errors(context.home.region, ADVICE):
        before = find_stack_set(context.home)
        if before is None:
            _check_new(wish)
            instances: tuple[Instance, ...] = ()
            covered: dict[str, set[str]] = {}
        else:
            _check_existing(before, wish, context)
            instances = list_instances(context.home)
            covered = list_units(context.home) if before.is_automatic else {}
        is_of_units = not wish.self_managed and not wish.targets.accounts
        members = members_of(context, wish.targets.units) if is_of_units else {}
    batches = missing(wish.targets, instances, covered, members)
    is_update = before is not None and _is_update(before, wish, instances)
    accounts = {*wish.targets.accounts, *(one.account for one in instances)}.union(*members.values())
    return Plan(wish, before, instances, batches, is_update, tuple(sorted(accounts.difference(wish.targets.excluded))))


def version_of_template(text: str) -> str:
    """The version that a template says it has."""
    try:
        return read_macro_template("the StackSet's template", text).version or "unknown"
    except SamstreamError:
        return "unknown"


def _check_new(wish: Wish) -> None:
    targets, option = wish.targets, "--account" if wish.self_managed else "--ou (or --self-managed and --account)"
    if not (targets.accounts if wish.self_managed else targets.units) or not targets.regions:
        message = f"there is no StackSet {wish.order.stack_name} yet, so it has to be said where the macro is to be"
        raise UsageError(message, f"Write {option} and --region, each as often as needed.")


def refuse_foreign(found: StackSet, context: Context) -> None:
    """Nobody's other StackSet is to be changed because it has the name. Raises `AwsError`."""
    if NAME_PARAMETER not in found.parameters:
        where = f"the StackSet {found.name} in {context.home.region}"
        message = f"{where} isn't samstream's: it has no parameter {NAME_PARAMETER}"
        raise AwsError(message, "Choose another name: --stack-name NAME", "ForeignStack")


def _check_existing(before: StackSet, wish: Wish, context: Context) -> None:
    refuse_foreign(before, context)
    where = f"the StackSet {before.name} in {context.home.region}"
    if before.is_service_managed == wish.self_managed:
        has, option = ("service", "Leave out") if before.is_service_managed else ("self", "Add")
        remedy = f"{option} --self-managed, or make another one beside it: --name and --stack-name."
        raise AwsError(f"{where} is {has}-managed, and that can't be changed", remedy, "OtherModel")
    has = before.parameters[NAME_PARAMETER]
    if wish.order.name not in (None, has):
        remedy = f"Install {wish.order.name} beside it with another --stack-name."
        raise AwsError(f"{where} holds the macro {has}, which templates may use", remedy, "Rename")
    targets, option = wish.targets, "--account" if wish.self_managed else "--ou"
    named = bool(targets.accounts if wish.self_managed else targets.units)
    if targets.is_partial and not (named and targets.regions):
        raise UsageError(f"{option} and --region go together", "Name both, or none to update what there is.")


def _is_update(before: StackSet, wish: Wish, instances: tuple[Instance, ...]) -> bool:
    order = wish.order
    return (
        before.template.strip() != order.template.text.strip()
        or any(before.parameters.get(key) != value for key, value in order.parameters.items())
        or any(before.tags.get(key) != value for key, value in order.tags.items())
        or wish.is_retained not in (None, before.is_retained)
        or any(one.is_behind for one in instances)
    )
