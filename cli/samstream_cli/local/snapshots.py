"""What one template can't tell: whether callers already get what it deploys.

A stage answers from its Deployment, a snapshot that CloudFormation takes anew for a new logical id only.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
"""

import re
from collections.abc import Iterator
from typing import Final

from samstream.plan import Plan
from samstream.template import DEPLOYMENT
from samstream.types import JsonObject, as_object

_HASHED: Final = re.compile(r"[0-9a-f]{10}$")
"""The end of an id that its maker changes with the API: CDK's, and SAM's in a processed template."""


def snapshot_notes(plan: Plan, source: JsonObject) -> Iterator[str]:
    """One for each API that streams by hand behind a Deployment whose id stays as the source has it."""
    written = as_object(source.get("Resources"))
    for api in plan.apis:
        for deployment in plan.of_api(DEPLOYMENT, api):
            if deployment.id in written and not _HASHED.search(deployment.id):
                route = next(found.route for found in plan.all_streaming if found.route.api == api)
                yield (
                    f"{api} streams here, but {deployment.id} is a snapshot that keeps its logical id: if a stack has "
                    f"it already, callers get what it held then, until it is deployed again. Give it a new id with "
                    f"each change, or tag {route.method} {route.path}, which does that."
                )
