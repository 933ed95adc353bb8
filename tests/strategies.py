"""Templates that hypothesis mixes, with what must come of them by the contract's own words, and JSON of any kind."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Template = dict[str, Any]

BOTH = ["SamStream", "AWS::Serverless-2016-10-31", "SamStream"]
NO_VALUE = {"Ref": "AWS::NoValue"}
PARAMETERS = {
    "On": {"Type": "String", "Default": "true"},
    "Off": {"Type": "String", "Default": "false"},
    "Mode": {"Type": "String", "Default": "STREAM"},
    "Millis": {"Type": "Number", "Default": "1000"},
}
CONDITIONS = {"Yes": {"Fn::Equals": [{"Ref": "On"}, "true"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}}
LAYER = {"Fn::Sub": "arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:30"}


@dataclass
class Mixed:
    """A template and the routes that must stream, or None where it must be refused."""

    template: Template
    streams: set[str] | None
    adapters: set[str] = field(default_factory=set)


@dataclass
class Event:
    """An Api event while it is made: what its own tag says, if it has one."""

    api: str | None
    method: str
    path: str
    choice: bool | None = None
    streams_by_sam: bool = False

    @property
    def route(self) -> str:
        return f"{self.api or 'ServerlessRestApi'} {self.method.upper()} {self.path}"


Tag = tuple[Any, bool | None]

tags: st.SearchStrategy[Tag] = st.sampled_from(
    [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        ({"Ref": "On"}, True),
        ({"Ref": "Off"}, False),
        ({"Fn::If": ["Yes", True, False]}, True),
        ({"Fn::If": ["No", True, NO_VALUE]}, None),
        ({"Fn::If": ["No", True, {"Fn::If": ["Yes", {"Enabled": True}, False]}]}, True),
        ({"Fn::Equals": [{"Ref": "On"}, "true"]}, True),
        ({"Fn::Or": [{"Condition": "No"}, {"Fn::Not": [{"Condition": "Yes"}]}]}, False),
        ({"Enabled": {"Ref": "On"}, "TimeoutInMillis": 60_000}, True),
        ({"TimeoutInMillis": "120000"}, True),
        ({"Enabled": False}, False),
        (NO_VALUE, None),
    ]
)
modes: st.SearchStrategy[Tag] = st.sampled_from(
    [("STREAM", True), ("response_stream", True), ({"Ref": "Mode"}, True), ("Buffered", False), ("buffered", False)]
)
maybe_tags: st.SearchStrategy[Tag | None] = st.one_of(st.none(), tags)


@st.composite
def sam_templates(draw: st.DrawFn) -> Mixed:
    """SAM templates with events tagged in every place, and their answer by the rule that the narrower place wins."""
    apis = draw(st.lists(st.sampled_from(["Alpha", "Beta"]), unique=True))
    routes = st.tuples(
        st.sampled_from([None, *apis]),
        st.sampled_from(["get", "post", "PUT", "any"]),
        st.sampled_from(["/", "/a", "/a/{id}", "/files/{proxy+}"]),
    )
    wanted = draw(
        st.lists(routes, min_size=1, max_size=8, unique_by=lambda route: (route[0], route[1].lower(), route[2]))
    )
    names = draw(st.lists(st.sampled_from(["One", "Two", "Three"]), min_size=1, unique=True))
    events: dict[str, list[Event]] = {name: [] for name in names}
    for route in wanted:
        events[draw(st.sampled_from(names))].append(Event(*route))

    template: Template = {
        "Transform": list(BOTH),
        "Parameters": copy.deepcopy(PARAMETERS),
        "Conditions": copy.deepcopy(CONDITIONS),
        "Resources": {},
    }
    choices: dict[str, dict[str, bool | None]] = {"api": {}, "function": {}, "globals": {}}
    for name in apis:
        template["Resources"][name] = draw(_apis())
        if any(event.api == name for own in events.values() for event in own):
            choices["api"][name] = _put(template["Resources"][name].setdefault("Metadata", {}), draw(maybe_tags))
    adapters = set()
    for name, own in events.items():
        adapter = draw(st.booleans())
        template["Resources"][name] = function = draw(_functions(own, adapter))
        if own:
            choices["function"][name] = _put(function["Metadata"], draw(maybe_tags))
        if adapter:
            adapters.add(name)
    for section in ("Function", "Api"):
        tag = draw(st.one_of(st.none(), st.none(), tags))
        if tag is not None:
            settings = template.setdefault("Globals", {}).setdefault(section, {})
            choices["globals"][section] = _put(settings, tag)

    names_of_routes = sorted({event.route.split(" ", 1)[1] for own in events.values() for event in own})
    listed = draw(st.lists(st.sampled_from(names_of_routes), unique=True, max_size=2))
    if listed:
        entry = {"Name": "SamStream", "Parameters": {"Routes": listed}}
        template["Transform"] = draw(st.sampled_from([[entry, BOTH[1], entry], [*BOTH[:2], entry], [entry, *BOTH[1:]]]))
    return _answer(template, events, choices, adapters, listed)


def _answer(
    template: Template,
    events: dict[str, list[Event]],
    choices: dict[str, dict[str, bool | None]],
    adapters: set[str],
    listed: list[str],
) -> Mixed:
    streams: set[str] = set()
    streaming_adapters = set()
    for name, own in events.items():
        decided = {event.route: _decide(event, name, choices, listed) for event in own}
        selected = {route for route, choice in decided.items() if choice}
        streams |= selected | {event.route for event in own if event.streams_by_sam}
        if name in adapters and selected:
            if any(choice is False for choice in decided.values()):
                return Mixed(template, None)
            streams |= set(decided)
            streaming_adapters.add(name)
    return Mixed(template, streams, streaming_adapters)


def _decide(event: Event, function: str, choices: dict[str, dict[str, bool | None]], listed: list[str]) -> bool | None:
    said = (
        event.choice,
        choices["function"].get(function),
        choices["api"].get(str(event.api)),
        choices["globals"].get("Function"),
        choices["globals"].get("Api"),
        event.route.split(" ", 1)[1] in listed or None,
    )
    return next((choice for choice in said if choice is not None), None)


def _put(place: Template, tag: Tag | None) -> bool | None:
    if tag is None:
        return None
    place["Streaming"] = copy.deepcopy(tag[0])
    return tag[1]


@st.composite
def _apis(draw: st.DrawFn) -> Template:
    choices = {
        "OpenApiVersion": "3.0.1",
        "Cors": "'*'",
        "Auth": {"DefaultAuthorizer": "AWS_IAM"},
        "EndpointConfiguration": "REGIONAL",
        "CanarySetting": {"PercentTraffic": 5},
        "TracingEnabled": True,
    }
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), unique=True))
    properties = {"StageName": draw(st.sampled_from(["live", "v1"])), **{name: choices[name] for name in chosen}}
    return {"Type": "AWS::Serverless::Api", "Properties": copy.deepcopy(properties)}


@st.composite
def _functions(draw: st.DrawFn, events: list[Event], adapter: bool) -> Template:
    properties: Template = {
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "InlineCode": "exports.handler = () => {}",
        "Events": {"Nightly": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}},
    }
    if adapter:
        properties |= {"Runtime": "python3.13", "Handler": "run.sh", "Layers": [copy.deepcopy(LAYER)]}
    if draw(st.booleans()):
        properties["AutoPublishAlias"] = "live"
    if draw(st.booleans()):
        properties["Timeout"] = draw(st.sampled_from([3, 29, 30, 900]))
    if draw(st.booleans()):
        value = draw(st.sampled_from(["x", {"Fn::If": ["Yes", "x", NO_VALUE]}]))
        properties["Environment"] = {"Variables": {"KEEP": copy.deepcopy(value)}}
    if adapter or draw(st.booleans()):
        properties["Events"] = {}
    for number, event in enumerate(events):
        properties["Events"][f"Event{number}"] = draw(_events(event, adapter))
    function: Template = {"Type": "AWS::Serverless::Function", "Metadata": {"Keep": "me"}, "Properties": properties}
    if not adapter and draw(st.booleans()):
        function["Condition"] = draw(st.sampled_from(["Yes", "No"]))
    return function


@st.composite
def _events(draw: st.DrawFn, event: Event, adapter: bool) -> Template:
    properties: Template = {"Path": event.path, "Method": event.method}
    made: Template = {"Type": "Api", "Properties": properties}
    if event.api is not None:
        properties["RestApiId"] = draw(st.sampled_from([{"Ref": event.api}, event.api]))
    if draw(st.booleans()):
        properties["TimeoutInMillis"] = 5000
    kind = draw(st.sampled_from(["none", "inside", "beside", "mode", "native"]))
    if kind in ("inside", "beside"):
        event.choice = _put(properties if kind == "inside" else made, draw(tags))
    elif kind == "mode":
        value, event.choice = draw(modes)
        properties["ResponseTransferMode"] = copy.deepcopy(value)
    elif kind == "native" and not adapter:
        properties["ResponseTransferMode"] = "RESPONSE_STREAM"
        event.streams_by_sam = True
    return made


Wrap = Callable[[Any], Any]

_wraps: list[Wrap] = [
    lambda value: value,
    lambda value: {"Fn::If": ["Yes", value, NO_VALUE]},
    lambda value: {"Fn::If": ["No", NO_VALUE, value]},
    lambda value: {"Fn::If": ["Yes", value, copy.deepcopy(value)]},
    lambda value: {"Fn::If": ["Yes", {"Fn::If": ["No", copy.deepcopy(value), value]}, NO_VALUE]},
]
wraps = st.sampled_from(_wraps)

_path = "apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
_uris: list[Any] = [
    {"Fn::Sub": f"arn:aws:{_path}/${{Fn.Arn}}/invocations"},
    {"Fn::Sub": f"arn:${{AWS::Partition}}:{_path}/${{Fn.Arn}}:live/invocations"},
    {"Fn::Sub": [f"arn:aws:{_path}/${{Arn}}/invocations", {"Arn": {"Fn::GetAtt": ["Fn", "Arn"]}}]},
    {"Fn::Sub": ["${A}${Fn.Arn}/invocations", {"A": {"Fn::Sub": f"arn:aws:{_path}/"}}]},
    {"Fn::Sub": f"arn:aws:{_path}/${{Fn.Arn}}:${{!stageVariables.alias}}/invocations"},
    {
        "Fn::Join": [
            "",
            [
                "arn:aws:apigateway:",
                {"Ref": "AWS::Region"},
                ":lambda:path/2015-03-31/functions/",
                {"Fn::GetAtt": "Fn.Arn"},
                "/invocations",
            ],
        ]
    },
    {
        "Fn::Join": [
            "/",
            [
                {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path"},
                "2015-03-31/functions",
                {"Ref": "Alias"},
                "invocations",
            ],
        ]
    },
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations",
]


@st.composite
def open_api_templates(draw: st.DrawFn) -> Mixed:
    """Templates with a hand-written Body in which `Fn::If` may stand around anything."""
    paths: Template = {}
    api_tag = draw(maybe_tags)
    decided: dict[str, bool | None] = {}
    kinds: dict[str, str] = {}
    for path in draw(st.lists(st.sampled_from(["/", "/a", "/a/{id}", "/{proxy+}"]), unique=True, min_size=1)):
        item: Template = {"parameters": []}
        for method in draw(st.lists(st.sampled_from(["get", "post", "any"]), unique=True)):
            name = f"Api {method.upper()} {path}"
            kind = draw(st.sampled_from(["aws_proxy", "AWS_PROXY", "http_proxy", "mock", "aws"]))
            operation, choice = draw(_operations(kind))
            item["x-amazon-apigateway-any-method" if method == "any" else method] = draw(wraps)(operation)
            proxy = kind.lower().endswith("proxy")
            if choice is None and api_tag is not None:
                choice = api_tag[1] if proxy or not api_tag[1] else None
            decided[name], kinds[name] = choice, kind
        paths[path] = draw(wraps)(item)
    body = {
        draw(st.sampled_from(["swagger", "openapi"])): "2.0",
        "info": {"title": "mixed"},
        "paths": draw(wraps)(paths),
    }
    api: Template = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": draw(wraps)(body)}}
    if api_tag is not None:
        api["Metadata"] = {"Streaming": copy.deepcopy(api_tag[0])}
    template = {
        "Transform": "SamStream",
        "Parameters": copy.deepcopy(PARAMETERS),
        "Conditions": copy.deepcopy(CONDITIONS),
        "Resources": {"Api": api, **copy.deepcopy(_BESIDE)},
        "Outputs": {"Deployed": {"Value": {"Fn::Sub": "${Deployment} ${!Deployment}"}}},
    }
    streams = {name for name, choice in decided.items() if choice}
    unable = any(not kinds[name].lower().endswith("proxy") for name in streams)
    nothing = api_tag is not None and api_tag[1] and not any(kind.lower().endswith("proxy") for kind in kinds.values())
    return Mixed(template, None if unable or nothing else streams)


@st.composite
def _operations(draw: st.DrawFn, kind: str) -> tuple[Template, bool | None]:
    integration: Template = {"type": kind, "httpMethod": "POST"}
    if kind.lower() == "http_proxy":
        integration["uri"] = draw(wraps)("https://example.com/stream")
    elif kind != "mock":
        integration["uri"] = draw(wraps)(copy.deepcopy(draw(st.sampled_from(_uris))))
    operation = {"responses": {}, "x-amazon-apigateway-integration": draw(wraps)(integration)}
    tag = draw(maybe_tags)
    if tag is None:
        return operation, None
    return {**operation, "x-samstream-streaming": copy.deepcopy(tag[0])}, tag[1]


@st.composite
def method_templates(draw: st.DrawFn) -> Mixed:
    """Templates with Methods on a tree of Resources, tagged one by one, by their function or by their API."""
    api_tag, function_tag = draw(maybe_tags), draw(maybe_tags)
    api: Template = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "mixed"}}
    resources: Template = {"Api": api, **copy.deepcopy(_BESIDE)}
    places: dict[str, Any] = {
        "/": {"Fn::GetAtt": draw(st.sampled_from([["Api", "RootResourceId"], "Api.RootResourceId"]))}
    }
    for part in draw(st.lists(st.sampled_from(["a", "{id}", "b", "{rest+}"]), max_size=4)):
        above = draw(st.sampled_from(sorted(places)))
        path = f"{above.rstrip('/')}/{part}"
        if path in places:
            continue
        name = f"Resource{len(places)}"
        properties = {"RestApiId": {"Ref": "Api"}, "ParentId": copy.deepcopy(places[above]), "PathPart": part}
        resources[name] = {"Type": "AWS::ApiGateway::Resource", "Properties": properties}
        places[path] = {"Ref": name}
    decided: dict[str, tuple[bool | None, str]] = {}
    for path in sorted(places):
        for verb in draw(st.lists(st.sampled_from(["GET", "POST", "ANY"]), unique=True, max_size=2)):
            kind = draw(st.sampled_from(["AWS_PROXY", "AWS_PROXY", "HTTP_PROXY", "MOCK"]))
            method, own = draw(_methods(kind, verb, places[path]))
            resources[f"Method{len(resources)}"] = method
            wider = [tag for tag in (function_tag if kind == "AWS_PROXY" else None, api_tag) if tag is not None]
            said = [own, *(choice for _, choice in wider)]
            choice = next((choice for choice in said if choice is not None), None)
            if kind == "MOCK" and own is None and choice:
                choice = None
            decided[f"Api {verb} {path}"] = (choice, kind)
    if api_tag is not None:
        api["Metadata"] = {"Streaming": copy.deepcopy(api_tag[0])}
    if function_tag is not None:
        resources["Fn"]["Metadata"] = {"Streaming": copy.deepcopy(function_tag[0])}
    names = [name for name in resources if name.startswith("Method")]
    if names:
        resources["Deployment"]["DependsOn"] = draw(st.sampled_from([names, names[0], [*names, "Fn"]]))
    template = {
        "Transform": "SamStream",
        "Parameters": copy.deepcopy(PARAMETERS),
        "Conditions": copy.deepcopy(CONDITIONS),
        "Resources": resources,
    }
    kinds = [kind for _, kind in decided.values()]
    streams = {name for name, (choice, _) in decided.items() if choice}
    unable = any(decided[name][1] == "MOCK" for name in streams)
    idle = api_tag is not None and api_tag[1] and not set(kinds) & {"AWS_PROXY", "HTTP_PROXY"}
    idle = idle or (function_tag is not None and function_tag[1] and "AWS_PROXY" not in kinds)
    return Mixed(template, None if unable or idle else streams)


@st.composite
def _methods(draw: st.DrawFn, kind: str, verb: str, resource_id: Any) -> tuple[Template, bool | None]:
    integration: Template = {"Type": kind}
    if kind == "HTTP_PROXY":
        integration |= {"IntegrationHttpMethod": "GET", "Uri": draw(wraps)("https://example.com/stream")}
    elif kind == "AWS_PROXY":
        integration |= {
            "IntegrationHttpMethod": "POST",
            "Uri": draw(wraps)(copy.deepcopy(draw(st.sampled_from(_uris[:-1])))),
        }
    if draw(st.booleans()):
        integration["TimeoutInMillis"] = draw(st.sampled_from([50, 29_000, "29000", {"Ref": "Millis"}]))
    properties = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": copy.deepcopy(resource_id),
        "HttpMethod": verb,
        "AuthorizationType": "NONE",
        "Integration": draw(wraps)(integration),
    }
    method: Template = {"Type": "AWS::ApiGateway::Method", "Properties": properties}
    return method, _put(method.setdefault("Metadata", {"Keep": 1}), draw(maybe_tags))


_BESIDE: Template = {
    "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
    "Stage": {
        "Type": "AWS::ApiGateway::Stage",
        "DependsOn": ["Deployment"],
        "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "live"},
    },
    "Alias": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Fn"}, "FunctionVersion": "$LATEST", "Name": "live"},
    },
    "Fn": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": {"ZipFile": "0"}, "Role": "arn"},
    },
}

# JSON of any kind, rich in words that mean something to CloudFormation.

_KEYS = """
    Resources Type Properties Metadata Streaming Globals Function Api Events Path Method RestApiId Body paths /a get
    x-amazon-apigateway-any-method x-amazon-apigateway-integration x-samstream-streaming uri type responseTransferMode
    timeoutInMillis Fn::If Fn::Sub Fn::Join Ref Fn::GetAtt Fn::FindInMap Fn::Equals Fn::And Fn::Or Fn::Not Condition
    Fn::ForEach::Loop Fn::Transform Conditions Parameters Default Mappings Outputs DependsOn Environment Variables
    AWS_LWA_INVOKE_MODE Layers Enabled Routes TimeoutInMillis ResponseTransferMode SamStreamEvents SamStream
    DeploymentId Description Name Parent ParentId ResourceId Integration IntegrationHttpMethod HttpMethod Uri
"""
_TEXTS = """
    AWS::Serverless::Function AWS::Serverless::Api AWS::ApiGateway::RestApi AWS::ApiGateway::Method AWS::NoValue
    AWS::ApiGateway::Resource AWS::ApiGateway::Deployment AWS::ApiGateway::Stage AWS::Lambda::Function
    AWS::Lambda::Version AWS::Lambda::Alias AWS::Serverless::StateMachine true STREAM RESPONSE_STREAM aws_proxy Api
    arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/ /invocations ${Fn.Arn} ${ ${!x} ${} Fn Yes A B
"""

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(_TEXTS.split()),
    st.text(max_size=5),
)
any_json: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(_KEYS.split()), st.text(max_size=3)), children, max_size=4),
    ),
    max_leaves=25,
)


@st.composite
def damaged(draw: st.DrawFn, templates: Callable[[], list[Template]]) -> Template:
    """A good template of which up to three places hold something else."""
    template = copy.deepcopy(draw(st.sampled_from(templates())))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(template))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        holder[key] = draw(any_json)
    return template


def _places(value: Any) -> list[tuple[Any, Any]]:
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in items] + [place for _, item in items for place in _places(item)]
