"""E401: A Deployment can be replaced."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class DeploymentNotReplaceable(Rule):
    id = "E401"
    shortdesc = "A Deployment can be replaced"
    description = (
        "A change reaches callers with a new Deployment only. CloudFormation can't replace one that has a "
        "StageDescription: the update fails with 'StageDescription cannot be specified when stage "
        "referenced by StageName already exists'. Ignored, this rule leaves the Deployment as it is, and "
        "the stage has to be deployed by hand."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html"
    )
    tags = ("deployment",)
    ignorable = True

    def check(self, plan: Plan) -> Iterator[Finding]:
        streaming = plan.streaming_by_api()
        for group in plan.deployments:
            if not any(planned.edits for planned in streaming[group.api]):
                continue
            for deployment in group.irreplaceable:
                yield self.finding(
                    deployment.id,
                    (*deployment.place, "Properties", "StageDescription"),
                    f"{deployment.id}: CloudFormation can't replace a Deployment with a StageDescription, so "
                    f"{group.api} would "
                    "not be deployed again. Move StageName and StageDescription to an AWS::ApiGateway::Stage.",
                )
