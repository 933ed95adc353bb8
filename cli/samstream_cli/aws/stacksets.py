"""StackSets as CloudFormation tells of them, and the requests that change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from samstream_cli.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackInstanceSummaryTypeDef

CallAs = Literal["SELF", "DELEGATED_ADMIN"]
SERVICE_MANAGED: Final = "SERVICE_MANAGED"
SELF_MANAGED: Final = "SELF_MANAGED"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a StackSet lives and in whose name it is spoken to."""

    client: "CloudFormationClient" = field(repr=False)
    region: str
    name: str
    call_as: CallAs = "SELF"

    @property
    def request(self) -> dict[str, Any]:
        """What each request begins with."""
        return {"StackSetName": self.name, **self.caller}

    @property
    def caller(self) -> dict[str, Any]:
        return {"CallAs": self.call_as} if self.call_as != "SELF" else {}

    def command(self, verb: str, options: str = "") -> str:
        """A command that does by hand what is said."""
        call_as = f" --call-as {self.call_as}" if self.call_as != "SELF" else ""
        return f"aws cloudformation {verb} --stack-set-name {self.name}{options} --region {self.region}{call_as}"


@dataclass(frozen=True, slots=True)
class StackSet:
    """One StackSet. Values of parameters are never shown."""

    name: str
    model: str
    template: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    tags: Mapping[str, str]
    is_automatic: bool = False
    is_retained: bool = False

    @property
    def is_service_managed(self) -> bool:
        return self.model == SERVICE_MANAGED


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """A StackSet's stack in one account and Region; `is_current` where it has the StackSet's template."""

    account: str
    region: str
    unit: str = ""
    status: str = ""
    is_current: bool = False
    drift: str = ""
    reason: str = ""

    @property
    def is_behind(self) -> bool:
        """Whether an update would help: AWS leaves suspended accounts out, and stacks that it couldn't delete."""
        return not self.is_current and self.status not in ("SKIPPED_SUSPENDED_ACCOUNT", "INOPERABLE")


def find_stack_set(home: Home) -> StackSet | None:
    """The StackSet, None where there is none."""
    try:
        found = home.client.describe_stack_set(**home.request)["StackSet"]
    except home.client.exceptions.ClientError as error:
        if code_of(error) == "StackSetNotFoundException":
            return None
        raise
    automatic = found.get("AutoDeployment", {})
    return StackSet(
        name=found["StackSetName"],
        model=found.get("PermissionModel", SELF_MANAGED),
        template=found.get("TemplateBody", ""),
        parameters={one.get("ParameterKey", ""): one.get("ParameterValue", "") for one in found.get("Parameters", [])},
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        is_automatic=automatic.get("Enabled", False),
        is_retained=automatic.get("RetainStacksOnAccountRemoval", False),
    )


def list_instances(home: Home) -> tuple[Instance, ...]:
    """All instances by account and Region."""
    pages = home.client.get_paginator("list_stack_instances").paginate(**home.request)
    return tuple(sorted(_read(one) for page in pages for one in page["Summaries"]))


def list_units(home: Home) -> dict[str, set[str]]:
    """The organizational units that automatic deployment covers, and their Regions; they may have no account yet."""
    found: dict[str, set[str]] = {}
    more: dict[str, Any] = {}
    while True:
        answer = home.client.list_stack_set_auto_deployment_targets(**home.request, **more)
        for one in answer["Summaries"]:
            found.setdefault(one.get("OrganizationalUnitId", ""), set()).update(one.get("Regions", []))
        if not (token := answer.get("NextToken")):
            return found
        more = {"NextToken": token}


def delete_stack_set(home: Home) -> None:
    """Removes a StackSet that has no instances."""
    home.client.delete_stack_set(**home.request)


def as_parameters(values: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """A request's parameters; those without a value keep the one that the StackSet has."""
    return [
        {"ParameterKey": key, "UsePreviousValue": True}
        if value is None
        else {"ParameterKey": key, "ParameterValue": value}
        for key, value in values.items()
    ]


def _read(found: "StackInstanceSummaryTypeDef") -> Instance:
    return Instance(
        account=found.get("Account", ""),
        region=found.get("Region", ""),
        unit=found.get("OrganizationalUnitId", ""),
        status=found.get("StackInstanceStatus", {}).get("DetailedStatus", "") or found.get("Status", ""),
        is_current=found.get("Status") == "CURRENT",
        drift=found.get("DriftStatus", ""),
        reason=found.get("StatusReason", ""),
    )
