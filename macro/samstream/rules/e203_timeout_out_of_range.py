"""E203: A streaming route's timeout is from 50 to 900000 ms."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.options import MAX_TIMEOUT, MIN_TIMEOUT
from samstream.plan import Plan
from samstream.rules.base import Rule


class TimeoutOutOfRange(Rule):
    id = "E203"
    shortdesc = "A streaming route's timeout is from 50 to 900000 ms"
    description = "API Gateway refuses a streaming integration whose timeoutInMillis lies outside of these bounds."
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "timeout")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for planned in plan.all_streaming:
            timeout = planned.timeout
            if timeout is not None and not MIN_TIMEOUT <= timeout <= MAX_TIMEOUT:
                name = planned.route.integration.dialect.timeout if planned.route.integration else "timeoutInMillis"
                message = f"its timeout is out of range; set {name} from {MIN_TIMEOUT} to {MAX_TIMEOUT}."
                yield self.of_route(planned.route, planned.tag, message, name)
