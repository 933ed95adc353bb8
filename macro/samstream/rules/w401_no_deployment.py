"""W401: An API that changes has a Deployment in this template."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


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
        for group in plan.deployments:
            if not group.deployments:
                resource = group.api if group.api in plan.template.resources else ""
                yield self.finding(
                    resource,
                    ("Resources", resource) if resource else (),
                    f"{group.api} has no AWS::ApiGateway::Deployment in this template: the change reaches "
                    "callers only when "
                    "the stage is deployed again.",
                )
