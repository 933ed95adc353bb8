"""An account in memory whose API can be changed: botocore checks every request and answer against AWS's own model."""

# ruff: noqa: N802, N803  # operations and their members have AWS's names

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from samstream_cli.aws.installing import Manner
from samstream_cli.repair.plan import Plan
from samstream_cli.repair.planning import Order, make_plan
from samstream_cli.repair.record import load
from samstream_cli.repair.running import Run
from samstream_cli.repair.undoing import make_undo_plan

from aws.cloud import ACCOUNT, Refusal  # isort: skip
from aws.running import Answers, Ran, running
from verify import account as verifying
from verify.account import ADAPTER, API_ID, HIDDEN, REGION, FakeApi, function_arn

Json = dict[str, Any]
URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{}/invocations"
STREAM_URI = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/{}/response-streaming-invocations"


def proxy(function: str, **settings: Any) -> Json:
    """A buffered integration, as API Gateway tells of it, with settings that a repair must leave alone."""
    return {
        "type": "AWS_PROXY",
        "httpMethod": "POST",
        "uri": URI.format(function if function.startswith("arn:") else function_arn(function)),
        "timeoutInMillis": 29000,
        "responseTransferMode": "BUFFERED",
        "passthroughBehavior": "WHEN_NO_MATCH",
        "cacheKeyParameters": ["method.request.path.id"],
        "cacheNamespace": "cache",
        "credentials": "arn:aws:iam::111111111111:role/invoke",
        "contentHandling": "CONVERT_TO_TEXT",
        "requestParameters": {"integration.request.path.id": "method.request.path.id"},
        "tlsConfig": {"insecureSkipVerification": True},
        **settings,
    }


def streaming(integration: Json, timeout: int = 29000) -> Json:
    uri = (
        integration["uri"]
        .replace("2015-03-31", "2021-11-15")
        .replace("/invocations", "/response-streaming-invocations")
    )
    return {**integration, "uri": uri, "responseTransferMode": "STREAM", "timeoutInMillis": timeout}


def http(**settings: Any) -> Json:
    found = {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": f"https://example.com/{HIDDEN}"}
    return {**found, "timeoutInMillis": 29000, "responseTransferMode": "BUFFERED", **settings}


class Account(verifying.Account):
    """No stack: an API made by hand with a Node.js function, one with the adapter, and a proxy to elsewhere."""

    def __init__(self, record: Path) -> None:
        super().__init__()
        self.record = record
        self.functions = {
            "plain": {"Timeout": 10, "Runtime": "nodejs22.x"},
            "slow": {"Timeout": 120, "Runtime": "nodejs22.x"},
            "chat": {
                "Timeout": 60,
                "Runtime": "python3.13",
                "Layers": [{"Arn": ADAPTER}],
                "Environment": {"Variables": {"KEY": HIDDEN}},
                "RevisionId": "1",
            },
        }
        live = {
            "GET /plain": proxy("plain"),
            "ANY /files/{proxy+}": proxy("slow"),
            "POST /chat": proxy("chat"),
            "GET /elsewhere": http(),
        }
        self.apis[API_ID] = FakeApi(live, deployments={"dep1": 1})
        self.api.stage("prod")
        self.snapshots: dict[str, dict[str, Json]] = {"dep1": deepcopy(self.api.live)}
        self.descriptions: dict[str, str] = {}
        self.function_tags: dict[str, str] = {}
        self.access: dict[str, Json] = {}
        self.deployed_access: dict[str, Json] = {}
        self.forgets_timeouts = False
        self.updates: list[str] = []
        """The states that functions go through after an update."""

    # What is done with it

    def repairing(self, *routes: str, is_json: bool = False, **allowed: Any) -> Callable[[Manner], int]:
        """A repair with its plan made."""
        order = Order(API_ID, "prod", routes, **allowed)
        clients = self.clients()
        plan = make_plan(clients, ACCOUNT, REGION, order)
        again = order.command(REGION)
        return lambda manner: Run(clients, plan, manner, again, target=self.record, is_json=is_json).carry_out()

    def undoing(self, *, force: bool = False, account: str = ACCOUNT) -> Callable[[Manner], int]:
        clients = self.clients()
        plan = make_undo_plan(clients, account, load(self.record), is_forced=force)
        return lambda manner: Run(clients, plan, manner, "samstream repair --undo", undone=self.record).carry_out()

    def repair(
        self, *routes: str, dry_run: bool = False, ask: Answers | None = None, is_json: bool = False, **allowed: Any
    ) -> Ran:
        return running(self.repairing(*routes, is_json=is_json, **allowed), dry_run=dry_run, ask=ask)

    def undo(self, *, dry_run: bool = False, force: bool = False) -> Ran:
        return running(self.undoing(force=force), dry_run=dry_run)

    def refused(self, *routes: str, **allowed: Any) -> list[str]:
        """What speaks against it."""
        return [one.message for one in self.plan(*routes, **allowed).refusals]

    def plan(self, *routes: str, **allowed: Any) -> Plan:
        return make_plan(self.clients(), ACCOUNT, REGION, Order(API_ID, "prod", routes, **allowed))

    def changes(self) -> list[str]:
        """The operations that changed something."""
        return [name for _, name in self.calls if name.startswith(("Update", "Create", "Put", "Delete"))]

    def state(self) -> Json:
        """All that callers and people in the console can see of it."""
        variables = {name: one.get("Environment") for name, one in self.functions.items()}
        state = {"live": self.api.live, "stages": self.api.stages, "served": self.api.served, "variables": variables}
        return deepcopy(state)

    # How AWS answers

    def _answer(self, model: Any, context: Json, **rest: Any) -> Any:
        if model.name in self.denied or model.name in self.codes:
            self.calls.append((model.service_model.service_name, model.name))
        return super()._answer(model, context, **rest)

    def GetResources(self, _region: str, restApiId: str, embed: list[str], limit: int, position: str = "0") -> Json:
        answer = super().GetResources(_region, restApiId, embed, limit, position)
        for resource in answer["items"]:
            for name, method in resource.get("resourceMethods", {}).items():
                own = self.access.get(f"{name} {resource['path']}", {})
                method.update({"authorizationType": "NONE", "apiKeyRequired": False} | own)
        return answer

    def GetDeployment(self, _region: str, restApiId: str, deploymentId: str, embed: list[str]) -> Json:
        assert embed == ["apisummary"]
        if deploymentId not in self._api(restApiId).deployments:
            raise Refusal("NotFoundException", "Invalid Deployment identifier specified")
        summary: dict[str, Json] = {}
        for route in self.snapshots[deploymentId]:
            method, _, path = route.partition(" ")
            told = {"authorizationType": "NONE", "apiKeyRequired": False} | self.deployed_access.get(route, {})
            summary.setdefault(path, {})[method] = told
        return {"id": deploymentId, "description": self.descriptions.get(deploymentId, ""), "apiSummary": summary}

    def _route(self, resourceId: str, httpMethod: str) -> str:
        paths = ["/", *dict.fromkeys(route.partition(" ")[2] for route in self.api.live if not route.endswith(" /"))]
        return f"{httpMethod} {paths[int(resourceId[1:])]}"

    def GetIntegration(self, _region: str, restApiId: str, resourceId: str, httpMethod: str) -> Json:
        return self._api(restApiId).live[self._route(resourceId, httpMethod)]

    def UpdateIntegration(
        self, _region: str, restApiId: str, resourceId: str, httpMethod: str, patchOperations: list[Json]
    ) -> Json:
        api, route = self._api(restApiId), self._route(resourceId, httpMethod)
        found = dict(api.live[route])
        for operation in patchOperations:
            assert operation["op"] == "replace"
            key, value = operation["path"][1:], operation["value"]
            assert key in ("uri", "responseTransferMode", "timeoutInMillis")
            found[key] = int(value) if key == "timeoutInMillis" else value
        if self.forgets_timeouts and len(patchOperations) > 1:
            found["timeoutInMillis"] = 29000
        _check(found)
        api.live[route] = found
        return found

    def CreateDeployment(self, _region: str, restApiId: str, description: str) -> Json:
        name = f"new{len(self.api.deployments)}"
        self.api.deployments[name] = 2
        self.snapshots[name] = deepcopy(self._api(restApiId).live)
        self.descriptions[name] = description
        return {"id": name, "description": description}

    def UpdateStage(self, _region: str, restApiId: str, stageName: str, patchOperations: list[Json]) -> Json:
        (operation,) = patchOperations
        assert (operation["op"], operation["path"]) == ("replace", "/deploymentId")
        api = self._api(restApiId)
        api.stages[stageName] = {**api.stages[stageName], "deploymentId": operation["value"]}
        api.served[stageName] = deepcopy(self.snapshots[operation["value"]])
        return api.stages[stageName]

    def GetStage(self, _region: str, restApiId: str, stageName: str) -> Json:
        return self._api(restApiId).stages[stageName]

    def GetFunctionConfiguration(self, region: str, FunctionName: str) -> Json:
        name, _, qualifier = FunctionName.rpartition(":function:")[2].partition(":")
        found = super().GetFunctionConfiguration(
            region, FunctionName.removesuffix(f":{qualifier}" if qualifier else "")
        )
        status = self.updates.pop(0) if self.updates and name == "chat" and self.changes() else "Successful"
        return {**found, "LastUpdateStatus": status} | (
            {"LastUpdateStatusReasonCode": "ImageDeleted"} if status == "Failed" else {}
        )

    def UpdateFunctionConfiguration(self, _region: str, FunctionName: str, Environment: Json, RevisionId: str) -> Json:
        found = self.functions[FunctionName.rpartition(":")[2]]
        if found["RevisionId"] != RevisionId:
            raise Refusal("PreconditionFailedException", f"The RevisionId provided does not match {Environment}")
        found |= {"Environment": Environment, "RevisionId": RevisionId + "1"}
        return found

    def ListTags(self, _region: str, Resource: str) -> Json:
        return {"Tags": self.function_tags} if Resource else {}


def _check(integration: Json) -> None:
    """What API Gateway refuses: https://github.com/hashicorp/terraform-provider-aws/issues/45649"""
    is_stream = integration["responseTransferMode"] == "STREAM"
    if integration["type"] == "AWS_PROXY" and is_stream != ("response-streaming-invocations" in integration["uri"]):
        raise Refusal("BadRequestException", "Invalid ResponseTransferMode")
    if integration["timeoutInMillis"] > (900_000 if is_stream else 29_000):
        raise Refusal("BadRequestException", "Timeout should be between 50 ms and 29000 ms")
