"""The rules: one file a rule. `ALL` is the catalogue; each looks at the plan and yields findings."""

from samstream.rules.base import Rule
from samstream.rules.e101_tag_value import TagValue
from samstream.rules.e102_tag_unresolvable import TagUnresolvable
from samstream.rules.e103_event_cannot_stream import EventCannotStream
from samstream.rules.e104_tag_misplaced import TagMisplaced
from samstream.rules.e105_tag_in_loop import TagInLoop
from samstream.rules.e106_tags_contradict import TagsContradict
from samstream.rules.e201_route_not_found import RouteNotFound
from samstream.rules.e202_route_cannot_stream import RouteCannotStream
from samstream.rules.e203_timeout_out_of_range import TimeoutOutOfRange
from samstream.rules.e301_adapter_mode import AdapterMode
from samstream.rules.e302_sibling_routes import SiblingRoutes
from samstream.rules.e401_deployment_not_replaceable import DeploymentNotReplaceable
from samstream.rules.w201_routes_out_of_sight import RoutesOutOfSight
from samstream.rules.w202_default_unused import DefaultUnused
from samstream.rules.w301_function_out_of_sight import FunctionOutOfSight
from samstream.rules.w302_version_out_of_sight import VersionOutOfSight
from samstream.rules.w303_runtime_cannot_stream import RuntimeCannotStream
from samstream.rules.w304_function_behind_both_modes import FunctionBehindBothModes
from samstream.rules.w305_other_callers import OtherCallers
from samstream.rules.w401_no_deployment import NoDeployment

ALL: tuple[Rule, ...] = (
    TagValue(),
    TagUnresolvable(),
    EventCannotStream(),
    TagMisplaced(),
    TagInLoop(),
    TagsContradict(),
    RouteNotFound(),
    RouteCannotStream(),
    TimeoutOutOfRange(),
    AdapterMode(),
    SiblingRoutes(),
    DeploymentNotReplaceable(),
    RoutesOutOfSight(),
    DefaultUnused(),
    FunctionOutOfSight(),
    VersionOutOfSight(),
    RuntimeCannotStream(),
    FunctionBehindBothModes(),
    OtherCallers(),
    NoDeployment(),
)

__all__ = ["ALL", "Rule"]
