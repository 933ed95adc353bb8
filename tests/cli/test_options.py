"""The Region and where it comes from."""

from collections.abc import Mapping

import pytest

from samstream_cli.errors import UsageError
from samstream_cli.options import find_region


@pytest.mark.parametrize(
    ("given", "environment", "found"),
    [
        (None, {}, ("us-east-1", "the default")),
        (None, {"AWS_DEFAULT_REGION": "eu-west-1"}, ("eu-west-1", "AWS_DEFAULT_REGION")),
        (None, {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-2"}, ("eu-west-2", "AWS_REGION")),
        (None, {"AWS_REGION": ""}, ("us-east-1", "the default")),
        ("cn-north-1", {"AWS_REGION": "eu-west-2"}, ("cn-north-1", "--region")),
        ("us-gov-west-1", {}, ("us-gov-west-1", "--region")),
        ("us-isob-east-1", {}, ("us-isob-east-1", "--region")),
    ],
)
def test_the_narrower_source_wins(given: str | None, environment: Mapping[str, str], found: tuple[str, str]) -> None:
    assert find_region(given, environment) == found


def test_the_settings_win_over_the_environment_and_the_option_over_them() -> None:
    environment = {"AWS_REGION": "eu-west-2"}
    assert find_region(None, environment, "eu-west-1") == ("eu-west-1", "the settings")
    assert find_region("eu-west-3", environment, "eu-west-1") == ("eu-west-3", "--region")


@pytest.mark.parametrize("region", ["useast1", "us-east", "US-EAST-1", "us-east-1a", "*"])
def test_what_is_no_region_is_refused_with_its_source(region: str) -> None:
    with pytest.raises(UsageError, match="from AWS_REGION is no Region"):
        find_region(None, {"AWS_REGION": region})
