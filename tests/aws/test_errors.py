"""What AWS and its client answer, as sentences that say what to do."""

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from samstream_cli.aws.errors import (
    INSTALLER_ADVICE,
    AccessDeniedError,
    AwsError,
    CredentialsError,
    Denial,
    ThrottledError,
    UnreachableError,
    aws_errors,
    parse_denial,
)
from samstream_cli.errors import ExitCode

LOG_IN = "Log in again (aws sso login, for example), or choose other credentials with --profile."
CHOOSE = "Set AWS_PROFILE or write --profile NAME; `aws configure` or `aws sso login` makes credentials."


DENIAL = "User: arn:u is not authorized to perform: cloudformation:CreateChangeSet on resource: arn:s"


def answered(code: str, message: str = "secret words") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateChangeSet")


@pytest.mark.parametrize(
    ("error", "kind", "message", "remedy"),
    [
        (answered("ExpiredToken"), CredentialsError,
         "the credentials have expired (CreateChangeSet in eu-west-1)", LOG_IN),
        (answered("RequestExpired"), CredentialsError,
         "AWS takes the request for an old one (CreateChangeSet in eu-west-1)",
         "Set this machine's clock: AWS takes requests signed within the last minutes."),
        (answered("InvalidClientTokenId"), CredentialsError,
         "AWS doesn't take the credentials (CreateChangeSet in eu-west-1: InvalidClientTokenId)",
         f"{LOG_IN} A Region that isn't enabled in the account refuses all credentials, too."),
        (answered("AccessDenied", DENIAL), AccessDeniedError,
         "no permission in eu-west-1: cloudformation:CreateChangeSet on arn:s", INSTALLER_ADVICE),
        (answered("AccessDeniedException", "No."), AccessDeniedError, "no permission in eu-west-1: CreateChangeSet",
         INSTALLER_ADVICE),
        (answered("Throttling"), ThrottledError, "AWS throttles CreateChangeSet in eu-west-1",
         "Try again in a minute: the account has made too many calls."),
        (answered("InternalFailure"), AwsError, "AWS failed at CreateChangeSet in eu-west-1 (InternalFailure)",
         "Try again in a minute."),
        (answered("OptInRequired"), AwsError, "the account isn't subscribed to what CreateChangeSet in eu-west-1 needs",
         "Activate it first."),
        (answered("ValidationError", "Template error."), AwsError,
         "CreateChangeSet in eu-west-1 failed: Template error (ValidationError)", ""),
        (ResponseParserError("<html>secret words"), UnreachableError, "what answers in eu-west-1 isn't AWS",
         "Check the network: a proxy may answer in its place."),
        (exceptions.NoCredentialsError(), CredentialsError,
         "no credentials of AWS are found, or not all of them", CHOOSE),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), CredentialsError,
         "no credentials of AWS are found, or not all of them", CHOOSE),
        (exceptions.ProfileNotFound(profile="dev"), CredentialsError, "there is no profile 'dev'",
         "Choose one of `aws configure list-profiles`."),
        (exceptions.ConfigParseError(path="/secret"), CredentialsError,
         "AWS's settings on this machine can't be used (ConfigParseError)", "Mend ~/.aws/config."),
        (exceptions.UnauthorizedSSOTokenError(), CredentialsError,
         "the credentials can't be fetched (UnauthorizedSSOTokenError)", LOG_IN),
        (exceptions.CredentialRetrievalError(provider="process", error_msg="secret"), CredentialsError,
         "the credentials can't be fetched (CredentialRetrievalError)", LOG_IN),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), UnreachableError,
         "AWS can't be reached in eu-west-1 (EndpointConnectionError)",
         "Check the network, a proxy's settings and how the Region is written."),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), UnreachableError,
         "AWS can't be reached in eu-west-1 (ReadTimeoutError)",
         "Check the network, a proxy's settings and how the Region is written."),
        (exceptions.ParamValidationError(report="value: secret"), AwsError,
         "AWS's client stopped in eu-west-1 (ParamValidationError)", "Run it with --debug to see where."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)  # fmt: skip
def test_each_kind_says_what_to_do(error: Exception, kind: type[AwsError], message: str, remedy: str) -> None:
    with pytest.raises(AwsError) as caught, aws_errors("eu-west-1"):
        raise error
    found = caught.value
    assert (type(found), found.message, found.remedy, found.exit_code) == (kind, message, remedy, ExitCode.UNUSABLE)


def test_every_exception_of_botocore_is_turned_into_one_of_ours() -> None:
    kinds = {kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, BotoCoreError)}
    for kind in kinds:
        error = kind.__new__(kind)
        error.kwargs = {}
        with pytest.raises(AwsError), aws_errors("eu-west-1"):
            raise error
    assert len(kinds) > 50


def test_what_is_none_of_botocores_passes() -> None:
    with pytest.raises(ZeroDivisionError), aws_errors("eu-west-1"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("message", "denial"),
    [
        (("User: arn:u is not authorized to perform: cloudformation:CreateChangeSet on resource: arn:s because no "
         "identity-based policy allows the cloudformation:CreateChangeSet action"),
         Denial("cloudformation:CreateChangeSet", "arn:s",
                "because no identity-based policy allows the cloudformation:CreateChangeSet action")),
        (("User: arn:u is not authorized to perform: iam:CreateRole on resource: arn:r with an explicit deny in a "
         "service control policy"),
         Denial("iam:CreateRole", "arn:r", "with an explicit deny in a service control policy")),
        (('Resource handler returned message: "User: arn:u is not authorized to perform: lambda:CreateFunction on '
         'resource: arn:f because no identity-based policy allows it (Service: Lambda)" (RequestToken: 1)'),
         Denial("lambda:CreateFunction", "arn:f", "because no identity-based policy allows it")),
        ("User: arn:u is not authorized to perform: cloudformation:ListStacks.", Denial("cloudformation:ListStacks")),
        ("Access denied", None),
    ],
)  # fmt: skip
def test_the_permission_is_read_out_of_awss_sentence(message: str, denial: Denial | None) -> None:
    assert parse_denial(message) == denial
