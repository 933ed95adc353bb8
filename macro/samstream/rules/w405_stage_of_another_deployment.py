"""W405: A stage uses a Deployment that is renewed."""

import re
from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import referenced
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.template import DEPLOYMENT, STAGE


class StageOfAnotherDeployment(Rule):
    id = "W405"
    shortdesc = "A stage uses a Deployment that is renewed"
    description = (
        "Callers get what the Deployment of their stage holds. A stage whose DeploymentId isn't a Ref to a "
        "Deployment of its API in this template keeps what it had, and the routes stay buffered there."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html"
    tags = ("deployment", "stage")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for api in plan.apis:
            deployments = {found.id for found in plan.of_api(DEPLOYMENT, api)}
            for stage in plan.of_api(STAGE, api) if deployments else ():
                if not deployments & {*referenced([stage.properties.get(key) for key in _USES])}:
                    place = (*stage.place, "Properties", "DeploymentId")
                    message = (
                        f"{stage.id}: its DeploymentId names no Deployment of {api} in this template, so its callers "
                        f"don't get the routes that stream. Write {_remedy(api, deployments)}."
                    )
                    yield self.finding(stage.id, place, message)


def _remedy(api: str, deployments: set[str]) -> str:
    """The id of a Deployment that SAM makes changes; SAM itself knows a name for it."""
    is_sams = any(re.fullmatch(rf"{re.escape(api)}Deployment[0-9a-f]{{10}}", name) for name in deployments)
    return f"!Ref {api}.Deployment" if is_sams else "a Ref to one"


_USES = ("DeploymentId", "CanarySetting")
