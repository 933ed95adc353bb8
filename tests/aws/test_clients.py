"""Where clients, credentials and Regions come from."""

import boto3
import pytest

from samstream_cli.aws.clients import Clients, caller, connect
from samstream_cli.aws.errors import CredentialsError
from samstream_cli.errors import UsageError

from aws.cloud import ACCOUNT, CALLER, Cloud  # isort: skip


def clients(region: str | None = None, **environment: str) -> Clients:
    return Clients(boto3.Session("AKIDEXAMPLE", "secret", region_name=region), environment)


def test_a_client_is_made_once_a_service_and_region() -> None:
    made = clients()
    assert made.of("sts", "eu-west-1") is made.of("sts", "eu-west-1")
    assert made.of("sts", "eu-west-1") is not made.of("sts", "us-east-1")
    assert made.of("cloudformation", "us-east-1").meta.region_name == "us-east-1"


def test_a_client_retries_gives_up_in_time_and_says_who_calls() -> None:
    config = clients().of("cloudformation", "eu-west-1").meta.config
    retries = {"mode": "standard", "total_max_attempts": 8}
    assert (config.retries, config.connect_timeout, config.read_timeout) == (retries, 10, 60)  # type: ignore[attr-defined]
    assert "samstream/" in str(config.user_agent_extra)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "environment", "region", "found"),
    [
        (("eu-west-1", "us-east-1", "eu-west-1"), {"AWS_REGION": "x"}, "ap-south-1", ("eu-west-1", "us-east-1")),
        ((), {"AWS_REGION": "us-gov-west-1"}, "ap-south-1", ("us-gov-west-1",)),
        ((), {}, "ap-south-1", ("ap-south-1",)),
    ],
)
def test_the_nearest_setting_names_the_region(
    given: tuple[str, ...], environment: dict[str, str], region: str, found: tuple[str, ...]
) -> None:
    assert clients(region, **environment).regions(given) == found


@pytest.mark.parametrize(
    ("given", "message"), [((), "no Region is set"), (("Ireland",), "'Ireland' from --region is no Region")]
)
def test_without_a_region_nothing_is_guessed(
    given: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(UsageError) as caught:
        clients().regions(given)
    assert caught.value.message == message


def test_a_profile_that_isnt_there_is_told() -> None:
    with pytest.raises(CredentialsError, match="there is no profile 'dev'"):
        connect("dev")


def test_an_endpoint_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(UsageError, match="AWS's settings can't be used: Invalid endpoint: nonsense"):
        clients().of("sts", "eu-west-1")


def test_the_caller_is_asked_of_aws() -> None:
    assert caller(Cloud().clients(), "eu-west-1") == (ACCOUNT, CALLER)
