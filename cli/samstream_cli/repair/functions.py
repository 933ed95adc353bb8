"""The one variable of a function that a repair changes.

Lambda takes a function's variables only as a whole, so they are read and written back; `RevisionId` makes it refuse
where somebody changed the function in between. No value but this one's leaves here, not even in an error.
Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from samstream.adapter import INVOKE_MODE
from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import AccessDeniedError, AwsError, CredentialsError, ThrottledError, aws_errors
from samstream_cli.repair.plan import FunctionChange
from samstream_cli.repair.reading import ADVICE, STACK_TAG

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

POLL_SECONDS: Final = 2.0
_POLLS: Final = 150

_WAYS_OUT: Final = {
    "PreconditionFailedException": "Somebody changed the function at the same time.",
    "ResourceConflictException": "The function is being updated at the moment; wait for that.",
    "InvalidParameterValueException": "Lambda doesn't take the function's variables, all of them together, perhaps "
    "because they are too long.",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """The variable's value, None where it isn't set, and the stack that manages the function."""

    mode: str | None
    stack: str = ""


def read_mode(client: "LambdaClient", arn: str) -> str | None:
    """The variable's value. Raises `AwsError` where the variables can't be read."""
    environment = client.get_function_configuration(FunctionName=arn).get("Environment", {})
    if environment.get("Error"):
        raise _unreadable(arn)
    return environment.get("Variables", {}).get(INVOKE_MODE)


def read_setting(client: "LambdaClient", arn: str) -> Setting:
    return Setting(read_mode(client, arn), client.list_tags(Resource=arn).get("Tags", {}).get(STACK_TAG, ""))


def change_mode(client: "LambdaClient", change: FunctionChange) -> None:
    """Sets the variable or takes it away, and leaves the others as they are. Raises `AwsError`."""
    with aws_errors(change.region, ADVICE):
        found = client.get_function_configuration(FunctionName=change.arn)
    environment = found.get("Environment", {})
    if environment.get("Error"):
        raise _unreadable(change.arn)
    variables = dict(environment.get("Variables", {}))
    if variables.get(INVOKE_MODE) != change.before:
        message = f"{INVOKE_MODE} of {change.name} has been changed since the plan was made"
        raise AwsError(message, "Run the command again to see the plan anew.", "PreconditionFailedException")
    variables.pop(INVOKE_MODE, None)
    if change.after is not None:
        variables[INVOKE_MODE] = change.after
    with _silent_errors(change):
        client.update_function_configuration(
            FunctionName=change.arn, Environment={"Variables": variables}, RevisionId=found.get("RevisionId", "")
        )


def wait_until_changed(client: "LambdaClient", change: FunctionChange, sleep: Sleep) -> None:
    """Until callers get the change. Raises `AwsError`.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"""
    for _ in range(_POLLS):
        with aws_errors(change.region, ADVICE):
            found = client.get_function_configuration(FunctionName=change.arn)
        status = found.get("LastUpdateStatus", "Successful")
        if status == "Successful":
            return
        if status == "Failed":
            why = found.get("LastUpdateStatusReasonCode", "no reason is told")
            raise AwsError(f"Lambda couldn't update {change.name}: {why}", "Mend the function first.", str(why))
        sleep(POLL_SECONDS)
    raise AwsError(f"Lambda is still updating {change.name}", "Look at the function in the console.", "Timeout")


@contextmanager
def _silent_errors(change: FunctionChange) -> Iterator[None]:
    """As `aws_errors`, but without Lambda's own message, which may quote the variables, nor the exception itself."""
    error: AwsError
    try:
        with aws_errors(change.region, ADVICE):
            yield
            return
    except (AccessDeniedError, CredentialsError, ThrottledError) as known:
        error = known
    except AwsError as unknown:
        message = f"the variables of {change.name} can't be changed ({unknown.code})"
        error = AwsError(message, _WAYS_OUT.get(unknown.code, ""), unknown.code)
    error.__cause__ = None
    raise error from None


def _unreadable(arn: str) -> AwsError:
    name = arn.rpartition(":function:")[2]
    return AwsError(
        f"the variables of {name} can't be read", "Allow kms:Decrypt with the function's key.", "Unreadable"
    )
