"""An organization in memory: units with accounts, and StackSets whose operations go on a step at each look."""

# ruff: noqa: N802, N803, ARG002  # operations and their members have AWS's names

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aws.cloud import ACCOUNT, Cloud, Refusal
from aws.running import Answers, Ran, running, template
from samstream_cli.aws import organization_installing, organization_removing
from samstream_cli.aws.installation import Order
from samstream_cli.aws.organization import Context, Targets, find_context
from samstream_cli.aws.organization_plan import Wish
from samstream_cli.aws.organization_removing import Removal
from samstream_cli.aws.removing import Target
from samstream_cli.aws.stacksets import CallAs

ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
SALES, SHOPS = "ou-abcd-sales111", "ou-abcd-shops111"
IRELAND, VIRGINIA = "eu-west-1", "us-east-1"
MACRO_REFUSED = "Macro is not supported in SERVICE_MANAGED permission model"


class Going(NamedTuple):
    """An operation: its action, and what becomes of which instances."""

    action: str
    instances: list[tuple[str, str]]
    steps: list[str]


class Organization(Cloud):
    """`SHOPS` is below `SALES`; the caller's account is the management account unless told."""

    def __init__(self, *, management: str = ACCOUNT, access: str = "ENABLED") -> None:
        super().__init__()
        self.management, self.access = management, access
        self.units = {SALES: {ONE, TWO}, SHOPS: {THREE}}
        self.children = {SALES: [SHOPS]}
        self.set: dict[str, Any] = {}
        self.instances: dict[tuple[str, str], dict[str, Any]] = {}
        self.covered: dict[str, set[str]] = {}
        self.operations: dict[str, Going] = {}
        self.reasons: dict[tuple[str, str], str] = {}
        """Why an account's stack fails, by account and Region."""
        self.refused: dict[str, str] = {}
        """What a request is refused with, by operation."""
        self.busy = 0
        """How many requests are told that another operation goes on."""

    def below(self, unit: str) -> set[str]:
        return self.units[unit].union(*(self.below(child) for child in self.children.get(unit, [])))

    def asked(self, operation: str) -> list[dict[str, Any]]:
        left = ("operation", "region", "ClientRequestToken", "OperationId", "OperationPreferences", "StackSetName")
        found = [one for one in self.requests if one["operation"] == operation]
        return [{key: value for key, value in one.items() if key not in left} for one in found]

    def states(self) -> list[tuple[str, str, str]]:
        return sorted((*where, one["Status"]) for where, one in self.instances.items())

    def DescribeOrganization(self, region: str) -> dict[str, Any]:
        if not self.management:
            raise Refusal("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        return {"Organization": {"MasterAccountId": self.management}}

    def DescribeOrganizationsAccess(self, region: str, **_: Any) -> dict[str, Any]:
        return {"Status": self.access}

    def ListAccountsForParent(self, region: str, ParentId: str, **_: Any) -> dict[str, Any]:
        active = [{"Id": one, "Status": "ACTIVE"} for one in sorted(self.units[ParentId])]
        return {"Accounts": [*active, {"Id": "999999999999", "Status": "SUSPENDED"}]}

    def ListOrganizationalUnitsForParent(self, region: str, ParentId: str, **_: Any) -> dict[str, Any]:
        return {"OrganizationalUnits": [{"Id": one} for one in self.children.get(ParentId, [])]}

    def DescribeStackSet(self, region: str, StackSetName: str, **_: Any) -> dict[str, Any]:
        if not self.set:
            raise Refusal("StackSetNotFoundException", f"StackSet {StackSetName} not found")
        return {"StackSet": self.set}

    def CreateStackSet(self, region: str, **request: Any) -> dict[str, Any]:
        self._check("CreateStackSet")
        self.set = {key: value for key, value in request.items() if key not in ("CallAs", "ClientRequestToken")}
        return {"StackSetId": f"{request['StackSetName']}:1"}

    def UpdateStackSet(self, region: str, OperationId: str, **request: Any) -> dict[str, Any]:
        self._check("UpdateStackSet")
        has = {one["ParameterKey"]: one for one in self.set["Parameters"]}
        given = [one if "ParameterValue" in one else has[one["ParameterKey"]] for one in request["Parameters"]]
        kept = {key: value for key, value in request.items() if key in ("TemplateBody", "Tags", "AutoDeployment")}
        self.set |= {**kept, "Parameters": given}
        return self._begin("UPDATE", OperationId, list(self.instances))

    def CreateStackInstances(self, region: str, OperationId: str, Regions: Sequence[str], **to: Any) -> dict[str, Any]:
        self._check("CreateStackInstances")
        targets = list(self._targets(Regions, **to))
        for account, where, unit in targets:
            found = {"OrganizationalUnitId": unit} if unit else {}
            self.instances[account, where] = {"Account": account, "Region": where, "Status": "OUTDATED", **found}
        for unit in to.get("DeploymentTargets", {}).get("OrganizationalUnitIds", []):
            self.covered.setdefault(unit, set()).update(Regions)
        return self._begin("CREATE", OperationId, [target[:2] for target in targets])

    def DeleteStackInstances(
        self, region: str, OperationId: str, Regions: Sequence[str], RetainStacks: bool, **to: Any
    ) -> dict[str, Any]:
        assert not RetainStacks
        self._check("DeleteStackInstances")
        for unit in to.get("DeploymentTargets", {}).get("OrganizationalUnitIds", []):
            self.covered.get(unit, set()).difference_update(Regions)
        going = [target[:2] for target in self._targets(Regions, **to) if target[:2] in self.instances]
        return self._begin("DELETE", OperationId, going)

    def DeleteStackSet(self, region: str, **_: Any) -> dict[str, Any]:
        if self.instances:
            raise Refusal("StackSetNotEmptyException", "StackSet is not empty")
        self.set = {}
        return {}

    def DetectStackSetDrift(self, region: str, OperationId: str, **_: Any) -> dict[str, Any]:
        return self._begin("DETECT_DRIFT", OperationId, list(self.instances))

    def ListStackInstances(self, region: str, NextToken: str = "0", **_: Any) -> dict[str, Any]:
        return self._page([dict(one) for one in self.instances.values()], NextToken)

    def ListStackSetAutoDeploymentTargets(self, region: str, NextToken: str = "0", **_: Any) -> dict[str, Any]:
        here = [
            {"OrganizationalUnitId": unit, "Regions": sorted(regions)}
            for unit, regions in self.covered.items()
            if regions
        ]
        return self._page(here, NextToken)

    def DescribeStackSetOperation(self, region: str, OperationId: str, **_: Any) -> dict[str, Any]:
        going = self.operations[OperationId]
        if not going.steps:
            self._settle(going)
            failed = any(one in self.reasons for one in going.instances)
            return {"StackSetOperation": {"OperationId": OperationId, "Status": "FAILED" if failed else "SUCCEEDED"}}
        return {"StackSetOperation": {"OperationId": OperationId, "Status": "RUNNING"}}

    def ListStackSetOperationResults(
        self, region: str, OperationId: str, NextToken: str = "0", **_: Any
    ) -> dict[str, Any]:
        going = self.operations[OperationId]
        results = [self._result(going, one) for one in going.instances]
        if going.steps and int(NextToken) + self.page >= len(results):
            going.steps.pop(0)
        return self._page(results, NextToken)

    def _page(self, found: list[dict[str, Any]], token: str) -> dict[str, Any]:
        start = int(token)
        more = {"NextToken": str(start + self.page)} if start + self.page < len(found) else {}
        return {"Summaries": found[start : start + self.page], **more}

    def _check(self, operation: str) -> None:
        if operation in self.refused:
            raise Refusal("ValidationError", self.refused[operation])
        if self.busy and operation != "CreateStackSet":
            self.busy -= 1
            raise Refusal("OperationInProgressException", "Another Operation on StackSet samstream is in progress")

    def _targets(
        self, regions: Sequence[str], Accounts: Sequence[str] = (), DeploymentTargets: Any = None, **_: Any
    ) -> Iterator[tuple[str, str, str]]:
        for region in regions:
            for account in Accounts:
                yield account, region, ""
            for unit in (DeploymentTargets or {}).get("OrganizationalUnitIds", []):
                for account in sorted(_filtered(self.below(unit), DeploymentTargets)):
                    yield account, region, unit

    def _begin(self, action: str, operation: str, instances: list[tuple[str, str]]) -> dict[str, Any]:
        self.operations[operation] = Going(action, instances, ["PENDING", "RUNNING"])
        return {"OperationId": operation}

    def _result(self, going: Going, one: tuple[str, str]) -> dict[str, Any]:
        status = going.steps[0] if going.steps else "FAILED" if one in self.reasons else "SUCCEEDED"
        reason = {"StatusReason": self.reasons[one]} if status == "FAILED" else {}
        return {"Account": one[0], "Region": one[1], "Status": status, **reason}

    def _settle(self, going: Going) -> None:
        for one in going.instances:
            if one not in self.instances:
                continue
            reason = self.reasons.get(one)
            if going.action == "DELETE" and not reason:
                del self.instances[one]
            elif going.action == "DETECT_DRIFT":
                self.instances[one]["DriftStatus"] = self.drift
            else:
                state = {"Status": "OUTDATED", "StatusReason": reason} if reason else {"Status": "CURRENT"}
                detailed = {"StackInstanceStatus": {"DetailedStatus": "FAILED" if reason else "SUCCEEDED"}}
                self.instances[one] = {**self.instances[one], **state, **detailed}


def _filtered(accounts: set[str], targets: dict[str, Any]) -> set[str]:
    given, kind = set(targets.get("Accounts", [])), targets.get("AccountFilterType", "NONE")
    return {"NONE": accounts, "INTERSECTION": accounts & given, "DIFFERENCE": accounts - given}[kind]


def everywhere(**values: Any) -> Targets:
    return Targets(**{"units": (SALES,), "regions": (IRELAND, VIRGINIA), **values})


def wish(version: str = "2.0", targets: Targets | None = None, *, self_managed: bool = False, **values: Any) -> Wish:
    chosen = targets if targets is not None else everywhere()
    order = Order(template(version), "samstream", **values)
    return Wish(order, chosen, self_managed=self_managed)


def context(cloud: Cloud, call_as: CallAs = "SELF", *, self_managed: bool = False) -> Context:
    return find_context(cloud.clients(), IRELAND, "samstream", call_as, self_managed=self_managed)


def install(
    cloud: Cloud,
    wanted: Wish | None = None,
    *,
    call_as: CallAs = "SELF",
    dry_run: bool = False,
    ask: Answers | None = None,
) -> Ran:
    chosen = wanted or wish()
    there = context(cloud, call_as, self_managed=chosen.self_managed)
    return running(lambda manner: organization_installing.run(there, chosen, manner), dry_run=dry_run, ask=ask)


def uninstall(
    cloud: Cloud, targets: Targets | None = None, *, self_managed: bool = False, ask: Answers | None = None
) -> Ran:
    removal = Removal(Target("samstream"), targets or Targets())
    there = context(cloud, self_managed=self_managed)
    return running(lambda manner: organization_removing.run(there, removal, manner), ask=ask)
