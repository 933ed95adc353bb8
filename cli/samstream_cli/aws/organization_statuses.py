"""What a StackSet has where: version, state and drift by account and Region."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import aws_errors
from samstream_cli.aws.macro_template import NAME_PARAMETER
from samstream_cli.aws.organization import ADVICE, Context, Preferences, Targets
from samstream_cli.aws.organization_plan import refuse_foreign, version_of_template
from samstream_cli.aws.regional import print_aligned
from samstream_cli.aws.stacksets import Instance, find_stack_set, list_instances
from samstream_cli.aws.stacksets_waiting import Operation, follow_operation, telling


@dataclass(frozen=True, slots=True)
class OrganizationStatus:
    """A StackSet and its instances; without one only the first two are set."""

    stack_set: str
    region: str
    model: str = ""
    macro: str = ""
    version: str = ""
    instances: tuple[Instance, ...] = ()


def read_organization(
    context: Context, targets: Targets, console: Console, drift_sleep: Sleep | None = None
) -> OrganizationStatus:
    """What there is; `drift_sleep` waits for AWS's comparison, which isn't asked for without it. Raises `AwsError`."""
    home = context.home
    with aws_errors(home.region, ADVICE):
        found = find_stack_set(home)
        if found is None:
            return OrganizationStatus(home.name, home.region)
        refuse_foreign(found, context)
        if drift_sleep is not None:
            _detect(context, console, drift_sleep)
        instances = tuple(one for one in list_instances(home) if targets.has(one))
    macro, version = found.parameters[NAME_PARAMETER], version_of_template(found.template)
    return OrganizationStatus(home.name, home.region, found.model, macro, version, instances)


def to_json(found: OrganizationStatus) -> dict[str, Any]:
    """What `--json` prints of it."""
    instances = [{**asdict(one), "version": version_at(found, one)} for one in found.instances]
    return {**asdict(found), "instances": instances}


def version_at(found: OrganizationStatus, one: Instance) -> str:
    """The StackSet's version, where the instance has its template; which one it has otherwise AWS doesn't say."""
    return found.version if one.is_current else ""


def print_organization(console: Console, found: OrganizationStatus) -> None:
    """One line an account and Region, then why some aren't up to date."""
    if not found.model:
        console.print(f"There is no StackSet {found.stack_set} in {found.region}.")
        return
    model = found.model.lower().replace("_", "-")
    title = f"StackSet {found.stack_set} in {found.region}, {model}: {found.macro} {found.version}"
    console.print(Text(title, "bold"), soft_wrap=True)
    if not found.instances:
        console.print("It has no stack there.")
        return
    rows = [
        (one.account, one.region, one.unit or "-", one.status, version_at(found, one) or "older", one.drift or "-")
        for one in found.instances
    ]
    print_aligned(console, [("Account", "Region", "Unit", "State", "Version", "Drift"), *rows])
    _print_reasons(console, [one for one in found.instances if one.reason and not one.is_current])


def _print_reasons(console: Console, behind: Sequence[Instance]) -> None:
    for one in behind:
        console.print(f"{one.account}  {one.region}: {one.reason}", style="red", soft_wrap=True)


def _detect(context: Context, console: Console, sleep: Sleep) -> None:
    home = context.home
    operation = Operation(home, "drift detection")
    with telling(console, operation):
        operation.begin(home.client.detect_stack_set_drift, Preferences().request, console, sleep)
        follow_operation(console, operation, sleep)
