"""W403: A streaming route isn't cached."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import Unresolvable
from samstream.plan import Plan
from samstream.routes import Route
from samstream.rules.base import Rule
from samstream.stages import Stage, stages_of
from samstream.types import Json, JsonObject, Place, as_object


class EndpointCaching(Rule):
    id = "W403"
    shortdesc = "A streaming route isn't cached"
    description = (
        "API Gateway doesn't support endpoint caching with streaming. Turn CachingEnabled off for the route in the "
        "stage's MethodSettings."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "stage")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for api in plan.apis:
            for stage in stages_of(plan, api):
                if _is_on(plan, stage.settings.get("CacheClusterEnabled")):
                    for streaming in plan.all_streaming:
                        place = _cached(plan, stage, streaming.route) if streaming.route.api == api else None
                        if place is not None:
                            message = (
                                f"{streaming.route}: {stage} caches it, which API Gateway doesn't support "
                                f"with streaming. Set CachingEnabled to false for {streaming.route.path} in its "
                                "MethodSettings."
                            )
                            yield self.finding(stage.resource.id, place, message)


def _cached(plan: Plan, stage: Stage, route: Route) -> Place | None:
    """Where the stage's settings turn caching on for a route; what names the route wins over what names all."""
    settings = stage.settings.get("MethodSettings")
    found: tuple[int, bool, Place] | None = None
    for index, setting in enumerate(map(as_object, settings if isinstance(settings, list) else ())):
        width = _width(setting, route)
        if width is not None and "CachingEnabled" in setting and (found is None or width < found[0]):
            place = (*stage.place, "MethodSettings", index, "CachingEnabled")
            found = (width, _is_on(plan, setting["CachingEnabled"]), place)
    return found[2] if found is not None and found[1] else None


def _width(setting: JsonObject, route: Route) -> int | None:
    """How widely a setting speaks of a route, None if it doesn't. For all methods, caching is of GET alone.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html"""
    method, path = str(setting.get("HttpMethod")).upper(), str(setting.get("ResourcePath")).replace("~1", "/")
    if method != route.method and not (method == "*" and route.method in ("GET", "ANY")):
        return None
    path = "/" + path.lstrip("/")
    if path not in (route.path, "/*"):
        return None
    return (method == "*") + 2 * (path == "/*")


def _is_on(plan: Plan, value: Json) -> bool:
    try:
        return str(plan.template.resolver.resolve(value)).lower() == "true"
    except Unresolvable:
        return False
