"""Clients of AWS's services, made of boto3's own chain of settings."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from botocore.config import Config

from samstream import __version__
from samstream_cli.aws.errors import aws_errors
from samstream_cli.errors import UsageError
from samstream_cli.options import find_region

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_sts import STSClient

_ATTEMPTS: Final = 8
"""CloudFormation throttles whoever asks for many stacks; botocore waits up to 20 s between attempts."""


class Clients:
    """One client a service and Region, made when it is first asked for; tests pass a session of their own."""

    def __init__(self, session: "Session", environment: Mapping[str, str] = os.environ) -> None:
        self._session = session
        self._environment = environment
        self._made: dict[tuple[str, str], Any] = {}

    @overload
    def of(self, service: Literal["apigateway"], region: str) -> "APIGatewayClient": ...
    @overload
    def of(self, service: Literal["cloudformation"], region: str) -> "CloudFormationClient": ...
    @overload
    def of(self, service: Literal["lambda"], region: str) -> "LambdaClient": ...
    @overload
    def of(self, service: Literal["organizations"], region: str) -> "OrganizationsClient": ...
    @overload
    def of(self, service: Literal["sts"], region: str) -> "STSClient": ...
    def of(self, service: Any, region: str) -> Any:
        """The client of a service in a Region, the same one each time. Raises `AwsError`, `UsageError`."""
        if (service, region) not in self._made:
            config = Config(
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                connect_timeout=10,
                read_timeout=60,
                user_agent_extra=f"samstream/{__version__}",
            )
            try:
                with aws_errors(region):
                    self._made[service, region] = self._session.client(service, region_name=region, config=config)
            except ValueError as error:  # botocore's for an endpoint that is no URL
                raise UsageError(f"AWS's settings can't be used: {error}", "Mend AWS_ENDPOINT_URL.") from error
        return self._made[service, region]

    def regions(self, given: Sequence[str] = ()) -> tuple[str, ...]:
        """The Regions of `--region`, else the one that the environment or the profile names. Raises `UsageError`."""
        found = tuple(given) or (self._environment.get("AWS_REGION") or self._session.region_name,)
        if found[0] is None:
            raise UsageError("no Region is set", "Write --region eu-west-1, for example, or set AWS_REGION.")
        return tuple(dict.fromkeys(find_region(str(region))[0] for region in found))


def connect(profile: str | None) -> Clients:
    """Clients with the credentials of a profile, else those boto3 finds. Raises `UsageError`, `AwsError`."""
    import boto3  # noqa: PLC0415  # 200 ms, for which --help and --print-policy needn't wait

    with aws_errors("the settings"):
        return Clients(boto3.Session(profile_name=profile))


def caller(clients: Clients, region: str) -> tuple[str, str]:
    """The account and who calls, which needs no permission. Raises `AwsError`."""
    with aws_errors(region):
        identity = clients.of("sts", region).get_caller_identity()
    return identity["Account"], identity["Arn"]
