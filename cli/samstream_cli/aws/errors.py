"""What AWS or its client answers in place of a result, as errors that say what to do. Each ends a command with exit
code 2. No message holds credentials or values of a request."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError as ParserError

from samstream_cli.errors import SamstreamError

INSTALLER_ADVICE: Final = "`samstream install --print-policy installer` prints a policy that allows it."


class AwsError(SamstreamError):
    """AWS didn't do what it was asked; `code` is AWS's own word for why, or the name of botocore's exception."""

    def __init__(self, message: str, remedy: str = "", code: str = "") -> None:
        super().__init__(message, remedy)
        self.code = code


class CredentialsError(AwsError):
    """There are no credentials, or none that AWS takes: no Region and no other call will fare better."""


class AccessDeniedError(AwsError):
    """The caller lacks a permission: `action` is its name, or the operation's where AWS doesn't say."""

    def __init__(self, message: str, remedy: str, code: str, action: str) -> None:
        super().__init__(message, remedy, code)
        self.action = action


class ThrottledError(AwsError):
    """Too many calls, after all retries."""


class UnreachableError(AwsError):
    """No answer at all."""


@dataclass(frozen=True, slots=True)
class Denial:
    """What AWS says of a permission that is lacking."""

    action: str
    resource: str = ""
    reason: str = ""

    def __str__(self) -> str:
        resource = f" on {self.resource}" if self.resource else ""
        return f"{self.action}{resource}{f' ({self.reason})' if self.reason else ''}"


@contextmanager
def aws_errors(region: str, advice: str = INSTALLER_ADVICE) -> Iterator[None]:
    """Turns botocore's exceptions into `AwsError`; `advice` is for callers that lack a permission."""
    try:
        yield
    except ClientError as error:
        raise _answered(error, region, advice) from error
    except BotoCoreError as error:
        raise _unanswered(error, region) from error
    except ParserError as error:
        remedy = "Check the network: a proxy may answer in its place."
        raise UnreachableError(f"what answers in {region} isn't AWS", remedy, type(error).__name__) from error


def code_of(error: ClientError) -> str:
    """AWS's word for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """AWS's sentence on it."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_denied(error: ClientError) -> bool:
    return code_of(error) in _DENIED


def parse_denial(message: str) -> Denial | None:
    """The permission that a message of AWS names, also in a stack event's reason; None where it is about another thing.

    The forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    found = _DENIAL.search(message)
    if found is None:
        return None
    resource, reason = ((found[name] or "").rstrip(" .") for name in ("resource", "reason"))
    return Denial(found["action"], resource, reason)


_DENIAL: Final = re.compile(
    r"not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>[^\s\"]+))?"
    r"(?: (?P<reason>(?:because|with an explicit deny)[^\"(\n]*))?"
)

_DENIED: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_THROTTLED: Final = {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_REFUSED: Final = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_OWN_FAULT: Final = {"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable"}
_LOG_IN: Final = "Log in again (aws sso login, for example), or choose other credentials with --profile."
_CHOOSE: Final = "Set AWS_PROFILE or write --profile NAME; `aws configure` or `aws sso login` makes credentials."


def _answered(error: ClientError, region: str, advice: str) -> AwsError:
    code, message, call = code_of(error), message_of(error), error.operation_name
    if code in _EXPIRED:
        return CredentialsError(f"the credentials have expired ({call} in {region})", _LOG_IN, code)
    if code == "RequestExpired":
        remedy = "Set this machine's clock: AWS takes requests signed within the last minutes."
        return CredentialsError(f"AWS takes the request for an old one ({call} in {region})", remedy, code)
    if code in _REFUSED:
        remedy = f"{_LOG_IN} A Region that isn't enabled in the account refuses all credentials, too."
        return CredentialsError(f"AWS doesn't take the credentials ({call} in {region}: {code})", remedy, code)
    if code in _DENIED:
        denial = parse_denial(message) or Denial(call)
        return AccessDeniedError(f"no permission in {region}: {denial}", advice, code, denial.action)
    if code in _THROTTLED:
        remedy = "Try again in a minute: the account has made too many calls."
        return ThrottledError(f"AWS throttles {call} in {region}", remedy, code)
    if code in _OWN_FAULT:
        return AwsError(f"AWS failed at {call} in {region} ({code})", "Try again in a minute.", code)
    if code == "OptInRequired":
        return AwsError(f"the account isn't subscribed to what {call} in {region} needs", "Activate it first.", code)
    return AwsError(f"{call} in {region} failed: {message.rstrip('.') or code} ({code})", code=code)


def _unanswered(error: BotoCoreError, region: str) -> AwsError:
    code = type(error).__name__
    if isinstance(error, exceptions.ProfileNotFound):
        remedy = "Choose one of `aws configure list-profiles`."
        return CredentialsError(f"there is no profile {error.kwargs.get('profile')!r}", remedy, code)
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return CredentialsError("no credentials of AWS are found, or not all of them", _CHOOSE, code)
    if isinstance(error, exceptions.ConfigNotFound | exceptions.ConfigParseError | exceptions.InvalidConfigError):
        return CredentialsError(f"AWS's settings on this machine can't be used ({code})", "Mend ~/.aws/config.", code)
    if _is_of_credentials(error):
        return CredentialsError(f"the credentials can't be fetched ({code})", _LOG_IN, code)
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        remedy = "Check the network, a proxy's settings and how the Region is written."
        return UnreachableError(f"AWS can't be reached in {region} ({code})", remedy, code)
    # What such an exception says may quote the request.
    return AwsError(f"AWS's client stopped in {region} ({code})", "Run it with --debug to see where.", code)


def _is_of_credentials(error: BotoCoreError) -> bool:
    words = ("Credential", "SSO", "Token", "Login", "InfiniteLoopConfig", "UnknownCredential")
    return any(word in parent.__name__ for parent in type(error).__mro__ for word in words)
