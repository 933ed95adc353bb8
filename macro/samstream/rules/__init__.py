"""The rules: one file a rule. `ALL` is the catalogue; each looks at the plan and yields findings."""

from samstream.rules.base import Rule
from samstream.rules.e101_tag_value import TagValue
from samstream.rules.e102_tag_unresolvable import TagUnresolvable
from samstream.rules.e103_event_cannot_stream import EventCannotStream
from samstream.rules.e104_tag_misplaced import TagMisplaced
from samstream.rules.e105_tag_in_loop import TagInLoop
from samstream.rules.e106_tags_contradict import TagsContradict
from samstream.rules.e107_macro_not_listed import MacroNotListed
from samstream.rules.e108_transfer_mode_ignored import TransferModeIgnored
from samstream.rules.e201_route_not_found import RouteNotFound
from samstream.rules.e202_route_cannot_stream import RouteCannotStream
from samstream.rules.e203_timeout_out_of_range import TimeoutOutOfRange
from samstream.rules.e204_mode_and_uri_disagree import ModeAndUriDisagree
from samstream.rules.e301_adapter_mode import AdapterMode
from samstream.rules.e302_sibling_routes import SiblingRoutes
from samstream.rules.e303_adapter_streams_buffered_route import AdapterStreamsBufferedRoute
from samstream.rules.e401_deployment_not_replaceable import DeploymentNotReplaceable
from samstream.rules.w201_routes_out_of_sight import RoutesOutOfSight
from samstream.rules.w202_default_unused import DefaultUnused
from samstream.rules.w203_timeout_left_at_default import TimeoutLeftAtDefault
from samstream.rules.w204_timeout_longer_than_function import TimeoutLongerThanFunction
from samstream.rules.w301_function_out_of_sight import FunctionOutOfSight
from samstream.rules.w302_version_out_of_sight import VersionOutOfSight
from samstream.rules.w303_runtime_cannot_stream import RuntimeCannotStream
from samstream.rules.w304_function_behind_both_modes import FunctionBehindBothModes
from samstream.rules.w305_other_callers import OtherCallers
from samstream.rules.w306_function_timeout_default import FunctionTimeoutDefault
from samstream.rules.w307_adapter_compression import AdapterCompression
from samstream.rules.w308_no_permission import NoPermission
from samstream.rules.w401_no_deployment import NoDeployment
from samstream.rules.w402_edge_endpoint import EdgeEndpoint
from samstream.rules.w403_endpoint_caching import EndpointCaching
from samstream.rules.w404_compression import Compression
from samstream.rules.w405_stage_of_another_deployment import StageOfAnotherDeployment
from samstream.rules.w406_access_log_fields import AccessLogFields

ALL: tuple[Rule, ...] = (
    TagValue(),
    TagUnresolvable(),
    EventCannotStream(),
    TagMisplaced(),
    TagInLoop(),
    TagsContradict(),
    MacroNotListed(),
    TransferModeIgnored(),
    RouteNotFound(),
    RouteCannotStream(),
    TimeoutOutOfRange(),
    ModeAndUriDisagree(),
    AdapterMode(),
    SiblingRoutes(),
    AdapterStreamsBufferedRoute(),
    DeploymentNotReplaceable(),
    RoutesOutOfSight(),
    DefaultUnused(),
    TimeoutLeftAtDefault(),
    TimeoutLongerThanFunction(),
    FunctionOutOfSight(),
    VersionOutOfSight(),
    RuntimeCannotStream(),
    FunctionBehindBothModes(),
    OtherCallers(),
    FunctionTimeoutDefault(),
    AdapterCompression(),
    NoPermission(),
    NoDeployment(),
    EdgeEndpoint(),
    EndpointCaching(),
    Compression(),
    StageOfAnotherDeployment(),
    AccessLogFields(),
)

__all__ = ["ALL", "Rule"]
