"""One stage of a live API: what is configured, and what callers get. Whatever a plan is made of is read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.errors import UsageError
from samstream_cli.verify import live
from samstream_cli.verify.live import LiveRoute, LiveSettings, LiveStage, Snapshot

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient

ADVICE: Final = "docs/repair.md has a policy that allows all that is called."
STACK_TAG: Final = "aws:cloudformation:stack-name"

Access = Mapping[str, tuple[str, bool]]
"""By route, who may call it: the kind of authorization, and whether a key is needed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An API with one of its stages; `description` is that of the deployment which the stage points to."""

    settings: LiveSettings
    routes: Mapping[str, LiveRoute]
    stage: LiveStage
    snapshot: Snapshot
    description: str = ""
    access: Access = field(default_factory=dict)
    deployed_access: Access = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The CloudFormation stack that manages the API, empty without one."""
        return self.settings.tags.get(STACK_TAG, "")


def read_stage(clients: Clients, region: str, api: str, stage: str) -> Reading:
    """Raises `UsageError` where there is no such API or stage, `AwsError` where it can't be read."""
    client = clients.of("apigateway", region)
    with aws_errors(region, ADVICE):
        settings = _read_settings(client, region, api)
        stages = live.read_stages(client, api)
        if stage not in stages:
            known = f"It has {', '.join(sorted(stages))}." if stages else "It has none: deploy the API first."
            raise UsageError(f"the API {api} has no stage {stage}", known)
        deployment = _read_deployment(client, api, stages[stage].deployment_id)
        return Reading(
            settings,
            live.read_routes(client, api),
            stages[stage],
            live.read_snapshot(client, api, stage),
            deployment.get("description", ""),
            _access(client, api),
            {
                f"{method} {path}": (found.get("authorizationType", "NONE"), found.get("apiKeyRequired", False))
                for path, methods in deployment.get("apiSummary", {}).items()
                for method, found in methods.items()
            },
        )


def _read_settings(client: "APIGatewayClient", region: str, api: str) -> LiveSettings:
    try:
        return live.read_settings(client, api)
    except client.exceptions.NotFoundException:
        remedy = "Check the id, --region and --profile; HTTP APIs and WebSocket APIs can't stream."
        raise UsageError(f"there is no REST API {api} in {region}", remedy) from None


def _read_deployment(client: "APIGatewayClient", api: str, deployment: str) -> dict[str, Any]:
    return dict(client.get_deployment(restApiId=api, deploymentId=deployment, embed=["apisummary"]))


def _access(client: "APIGatewayClient", api: str) -> Access:
    """What each method asks of its callers, which `LiveRoute` doesn't tell."""
    pages = client.get_paginator("get_resources").paginate(
        restApiId=api, embed=["methods"], PaginationConfig={"PageSize": live.PAGE}
    )
    return {
        f"{name} {resource.get('path', '/')}": (
            method.get("authorizationType", "NONE"),
            method.get("apiKeyRequired", False),
        )
        for page in pages
        for resource in page.get("items", [])
        for name, method in resource.get("resourceMethods", {}).items()
    }


def has_deployment(clients: Clients, region: str, api: str, deployment: str) -> bool:
    """Whether it hasn't been deleted. Raises `AwsError`."""
    client = clients.of("apigateway", region)
    try:
        with aws_errors(region, ADVICE):
            _read_deployment(client, api, deployment)
    except AwsError as error:
        if error.code == "NotFoundException":
            return False
        raise
    return True
