"""W401: a change reaches callers with a new Deployment only."""

from macro.samples import api, app, deployment, findings, look, method, operation, proxy, streamed, tagged
from samstream.findings import Finding

LATER = "the change reaches callers only when the stage is deployed again."


def test_an_api_without_a_deployment_is_told() -> None:
    message = f"Api has no AWS::ApiGateway::Deployment in this template: {LATER}"
    expected = [Finding("W401", "Api", ("Resources", "Api"), message)]
    assert findings(tagged(Deployment=None)) == expected
    assert findings(tagged(Deployment=deployment("Other"))) == expected


def test_an_api_of_elsewhere_is_told_by_its_expression() -> None:
    get = method(Metadata={"Streaming": True})
    get["Properties"]["RestApiId"] = {"Fn::ImportValue": "Api"}
    message = f"Fn::ImportValue#cc7dcfc7 has no AWS::ApiGateway::Deployment in this template: {LATER}"
    assert findings(app({}, Get=get)) == [Finding("W401", "Get", ("Resources", "Get"), message)]


def test_an_api_in_which_nothing_streams_needs_none() -> None:
    assert findings(tagged(Quiet=api({"/": {"get": operation(proxy("${Other.Arn}"))}}))) == []


def test_a_deployment_may_name_its_api_by_the_same_expression() -> None:
    elsewhere = {"Fn::ImportValue": "Api"}
    get = method(Metadata={"Streaming": True})
    get["Properties"]["RestApiId"] = elsewhere
    made = deployment()
    made["Properties"]["RestApiId"] = elsewhere
    assert findings(app({}, Get=get, Deployment=made)) == []


def test_an_api_that_streams_by_itself_is_told() -> None:
    streaming = app({"/chat": {"post": operation(streamed()), "get": operation(streamed())}}, Deployment=None)
    message = f"Api has no AWS::ApiGateway::Deployment in this template: {LATER}"
    assert look(streaming) == [Finding("W401", "Api", ("Resources", "Api"), message)]
    assert look(app(Deployment=None)) == []
