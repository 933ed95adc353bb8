"""W401: An API that changes has a Deployment in this template."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.template import DEPLOYMENT


class NoDeployment(Rule):
    id = "W401"
    shortdesc = "An API that changes has a Deployment in this template"
    description = (
        "A change of an integration reaches callers only with a new Deployment. Where the Deployment "
        "stands elsewhere, someone has to make one."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html"
    )
    tags = ("deployment",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        routes = {streaming.route.api: streaming.route for streaming in reversed(plan.all_streaming)}
        for api, route in sorted(routes.items()):
            if not any(plan.of_api(DEPLOYMENT, api)):
                resource = api if api in plan.template.resources else route.owner
                yield self.finding(
                    resource,
                    ("Resources", resource),
                    f"{api} has no AWS::ApiGateway::Deployment in this template: the change reaches "
                    "callers only when "
                    "the stage is deployed again.",
                )
