"""An account's CloudFormation in memory, behind botocore's own clients: requests and answers are checked against the
service's model, and each call can be refused."""

# ruff: noqa: N802, N803  # operations and their members have AWS's names

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import cfn_flip
from botocore.validate import validate_parameters

from samstream_cli.aws.clients import Clients

ACCOUNT = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/me"
_MODELS = botocore.session.Session().get_component("data_loader")  # the services' models, read once
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass
class FakeStack:
    name: str
    id: str
    status: str = "REVIEW_IN_PROGRESS"
    template: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    transforms: Sequence[str] = field(default_factory=list)
    change_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    """The newest first, as AWS lists them."""
    coming: list[tuple[str, str, str]] = field(default_factory=list)
    """Resource, status and reason of what happens next, one at each look."""

    def happen(self) -> None:
        if self.coming:
            resource, status, reason = self.coming.pop(0)
            self.record(resource, status, reason)

    def record(self, resource: str, status: str, reason: str = "") -> None:
        is_own = resource == self.name
        self.status = status if is_own else self.status
        event = {"StackId": self.id, "StackName": self.name, "EventId": f"{self.id}/{len(self.events)}",
                 "Timestamp": NOW, "LogicalResourceId": resource, "ResourceStatus": status,
                 "PhysicalResourceId": self.id if is_own else f"physical-{resource}",
                 "ResourceType": "AWS::CloudFormation::Stack" if is_own else "AWS::Lambda::Function"}  # fmt: skip
        self.events.insert(0, event | ({"ResourceStatusReason": reason} if reason else {}))


class Cloud:
    """`denied` are operations that answer AccessDenied; what is in `before` and `after` runs
    when one is asked for and answered."""

    def __init__(self, *, page: int = 2) -> None:
        self.stacks: dict[tuple[str, str], FakeStack] = {}
        self.calls: list[tuple[str, str]] = []
        self.requests: list[dict[str, Any]] = []
        self.denied: set[str] = set()
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        self.failing: dict[str, str] = {}
        """Why the function fails, by Region."""
        self.drift = "IN_SYNC"
        self.page = page

    def clients(self) -> Clients:
        core = botocore.session.Session()
        core.register_component("data_loader", _MODELS)
        session = boto3.Session("AKIDEXAMPLE", "not-a-secret", region_name="eu-west-1", botocore_session=core)
        session.events.register("before-parameter-build", self._remember)
        session.events.register("before-call", self._answer)  # type: ignore[arg-type]  # whose answer ends the call
        return Clients(session, {})

    def stack(self, region: str = "eu-west-1", name: str = "samstream") -> FakeStack:
        return self.stacks[region, name]

    def names(self) -> list[tuple[str, str, str]]:
        return [(region, name, stack.status) for (region, name), stack in self.stacks.items()]

    def add(self, name: str, region: str = "eu-west-1", **values: Any) -> FakeStack:
        stack = FakeStack(name, f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/1", **values)
        self.stacks[region, name] = stack
        return stack

    def _remember(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["request"] = params

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        operation, region = model.name, context["client_region"]
        self.calls.append((model.service_model.service_name, operation))
        self.requests.append({"operation": operation, "region": region, **context["request"]})
        self.before.get(operation, _nothing)()
        try:
            self._refuse(model)
            status, answer = 200, getattr(self, operation)(region, **context["request"])
        except Refusal as refusal:
            status, answer = 400, {"Error": {"Code": refusal.code, "Message": refusal.message}}
        self.after.get(operation, _nothing)()
        if status == 200 and model.output_shape is not None:
            validate_parameters(answer, model.output_shape)
        return SimpleNamespace(status_code=status), answer

    def _refuse(self, model: Any) -> None:
        if model.name in self.denied:
            action = f"{model.service_model.service_name}:{model.name}"
            raise Refusal("AccessDenied", f"User: {CALLER} is not authorized to perform: {action} on resource: arn:x")

    def _find(self, region: str, name: str) -> FakeStack:
        for (where, _), stack in self.stacks.items():
            if where == region and name in (stack.name, stack.id):
                if stack.status == "DELETE_COMPLETE" and name == stack.name:
                    break
                return stack
        raise Refusal("ValidationError", f"Stack with id {name} does not exist")

    def GetCallerIdentity(self, region: str) -> dict[str, Any]:  # noqa: ARG002
        return {"Account": ACCOUNT, "Arn": CALLER, "UserId": "AIDEXAMPLE"}

    def DescribeStacks(self, region: str, StackName: str | None = None, **_: Any) -> dict[str, Any]:
        if StackName is None:
            return {"Stacks": [_told(stack) for (where, _), stack in self.stacks.items() if where == region]}
        return {"Stacks": [_told(self._find(region, StackName))]}

    def CreateChangeSet(self, region: str, **request: Any) -> dict[str, Any]:
        name = request["StackName"]
        if (region, name) not in self.stacks:
            self.add(name, region).record(name, "REVIEW_IN_PROGRESS")
        stack = self._find(region, name)
        if (request["ChangeSetType"] == "CREATE") != (stack.status == "REVIEW_IN_PROGRESS"):
            raise Refusal("ValidationError", f"Stack [{name}] is in {stack.status} state")
        stack.change_sets[request["ChangeSetName"]] = {**request, "Status": "CREATE_PENDING"}
        return {"Id": "arn:aws:cloudformation:x:1:changeSet/x/1", "StackId": stack.id}

    def DescribeChangeSet(
        self, region: str, ChangeSetName: str, StackName: str, NextToken: str = "0"
    ) -> dict[str, Any]:
        stack = self._find(region, StackName)
        made = stack.change_sets[ChangeSetName]
        if made["Status"] == "CREATE_PENDING":
            made["Status"] = "CREATE_IN_PROGRESS"
            return {"Status": "CREATE_PENDING"}
        template = json.loads(cfn_flip.to_json(made["TemplateBody"]))
        values = _values(made, stack, template)
        if (stack.template, stack.parameters) == (template, values) and stack.status != "REVIEW_IN_PROGRESS":
            made["Status"] = "FAILED"
            reason = (
                "The submitted information didn't contain changes. Submit different information to create a change set."
            )
            return {"Status": "FAILED", "StatusReason": reason}
        made.update(Status="CREATE_COMPLETE", template=template, values=values)
        is_new = stack.status == "REVIEW_IN_PROGRESS"
        changes = [
            {"ResourceChange": {"LogicalResourceId": logical, "ResourceType": body["Type"], **_fate(is_new=is_new)}}
            for logical, body in template["Resources"].items()
        ]
        start = int(NextToken)
        more = {"NextToken": str(start + self.page)} if start + self.page < len(changes) else {}
        return {"Status": "CREATE_COMPLETE", "Changes": changes[start : start + self.page], **more}

    def ExecuteChangeSet(self, region: str, ChangeSetName: str, StackName: str, **_: Any) -> dict[str, Any]:
        stack = self._find(region, StackName)
        made = stack.change_sets[ChangeSetName]
        stack.change_sets.clear()
        verb = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        stack.record(stack.name, f"{verb}_IN_PROGRESS", "User Initiated")
        reason = self.failing.get(region)
        stack.coming = [("MacroFunction", f"{verb}_IN_PROGRESS", "")]
        if reason:
            undone = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            stack.coming += [
                ("MacroFunction", f"{verb}_FAILED", reason),
                ("MacroLogs", f"{verb}_FAILED", "Resource creation cancelled"),
                (stack.name, undone.replace("COMPLETE", "IN_PROGRESS"), ""),
                (stack.name, undone, ""),
            ]
        else:
            stack.coming += [("MacroFunction", f"{verb}_COMPLETE", ""), (stack.name, f"{verb}_COMPLETE", "")]
            stack.template, stack.tags = made["template"], {tag["Key"]: tag["Value"] for tag in made.get("Tags", [])}
        stack.parameters, stack.role_arn = made["values"], made.get("RoleARN", stack.role_arn)
        return {}

    def DeleteChangeSet(self, region: str, ChangeSetName: str, StackName: str) -> dict[str, Any]:
        stack = self._find(region, StackName)
        stack.change_sets.pop(ChangeSetName, None)
        return {}

    def DescribeStackEvents(self, region: str, StackName: str, NextToken: str = "0") -> dict[str, Any]:
        stack = self._find(region, StackName)
        start = int(NextToken)
        if not start:
            stack.happen()
        more = {"NextToken": str(start + self.page)} if start + self.page < len(stack.events) else {}
        return {"StackEvents": stack.events[start : start + self.page], **more}

    def DeleteStack(self, region: str, StackName: str, **_: Any) -> dict[str, Any]:
        stack = self._find(region, StackName)
        if stack.status == "REVIEW_IN_PROGRESS":
            del self.stacks[region, stack.name]
            return {}
        stack.record(stack.name, "DELETE_IN_PROGRESS", "User Initiated")
        reason = self.failing.get(region)
        stack.coming = [("MacroRole", "DELETE_FAILED", reason), (stack.name, "DELETE_FAILED", "")] if reason else [
            ("MacroFunction", "DELETE_COMPLETE", ""), (stack.name, "DELETE_COMPLETE", "")]  # fmt: skip
        return {}

    def DescribeStackResources(self, region: str, PhysicalResourceId: str) -> dict[str, Any]:
        for (where, name), stack in self.stacks.items():
            if where == region and stack.parameters.get("MacroName") == PhysicalResourceId:
                found = {"LogicalResourceId": "Macro", "ResourceType": "AWS::CloudFormation::Macro", "Timestamp": NOW}
                found |= {"PhysicalResourceId": PhysicalResourceId, "ResourceStatus": "CREATE_COMPLETE"}
                return {"StackResources": [{"StackName": name, **found}]}
        raise Refusal("ValidationError", f"Stack for {PhysicalResourceId} does not exist")

    def ListStacks(self, region: str, StackStatusFilter: list[str], NextToken: str = "0") -> dict[str, Any]:
        here = [
            {"StackName": stack.name, "CreationTime": NOW, "StackStatus": stack.status}
            for (where, _), stack in self.stacks.items()
            if where == region and stack.status in StackStatusFilter
        ]
        start = int(NextToken)
        more = {"NextToken": str(start + self.page)} if start + self.page < len(here) else {}
        return {"StackSummaries": here[start : start + self.page], **more}

    def GetTemplateSummary(self, region: str, StackName: str) -> dict[str, Any]:
        transforms = self._find(region, StackName).transforms
        if list(transforms) == ["broken"]:
            raise Refusal("ValidationError", "Template format error")
        return {"DeclaredTransforms": list(transforms)}

    def DetectStackDrift(self, region: str, StackName: str) -> dict[str, Any]:
        self._find(region, StackName)
        self.detection = "DETECTION_IN_PROGRESS"
        return {"StackDriftDetectionId": "1"}

    def DescribeStackDriftDetectionStatus(self, region: str, StackDriftDetectionId: str) -> dict[str, Any]:  # noqa: ARG002
        now, self.detection = self.detection, "DETECTION_COMPLETE"
        answer = {"StackId": "arn", "StackDriftDetectionId": StackDriftDetectionId, "Timestamp": NOW}
        if self.drift == "fails":
            return answer | {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "No permission to read."}
        return answer | {"DetectionStatus": now, "StackDriftStatus": self.drift}


def _nothing() -> None:
    pass


def _values(made: dict[str, Any], stack: FakeStack, template: dict[str, Any]) -> dict[str, str]:
    values = {name: str(body["Default"]) for name, body in template["Parameters"].items()}
    for one in made["Parameters"]:
        key = one["ParameterKey"]
        if key not in template["Parameters"]:
            raise Refusal("ValidationError", f"Parameters: [{key}] do not exist in the template")
        values[key] = stack.parameters[key] if one.get("UsePreviousValue") else one["ParameterValue"]
    return values


def _told(stack: FakeStack) -> dict[str, Any]:
    outputs = {
        name: stack.parameters["MacroName"] if body["Value"] == {"Ref": "MacroName"} else str(body["Value"])
        for name, body in stack.template.get("Outputs", {}).items()
    }
    return {
        "StackName": stack.name,
        "StackId": stack.id,
        "CreationTime": NOW,
        "StackStatus": stack.status,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


def _fate(*, is_new: bool) -> dict[str, str]:
    return {"Action": "Add"} if is_new else {"Action": "Modify", "Replacement": "False"}
