"""SAM's own translator, the one that CloudFormation hosts, without an AWS account.

The translator asks boto3 for the Region, and IAM for the ARNs of policies it doesn't know by name. Here the
Region is the one asked for, policies come from the translator's own list, and no call leaves this machine.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from samstream.types import Json, JsonObject, as_object
from samstream_cli.placeholders import replace_local_paths
from samstream_cli.progress import progress

NAME: Final = "AWS::Serverless-2016-10-31"

_ENVIRONMENT: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_PROFILES: Final = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")


class SamRefusal(Exception):  # a verdict on the template, not a failure of this program
    """SAM doesn't take the template; one reason each."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def translate(fragment: JsonObject, parameters: Mapping[str, Json], region: str) -> JsonObject:
    """The fragment with its serverless resources replaced; it is not changed itself. Raises `SamRefusal`."""
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415  # a second to import
    from samtranslator.translator.transform import transform  # noqa: PLC0415

    # The translator writes into what it is given.
    own = json.loads(json.dumps(fragment))
    replace_local_paths(own)
    with _offline(region):
        try:
            return json.loads(json.dumps(transform(own, dict(parameters), _NoMorePolicies())))  # type: ignore[no-any-return]
        except InvalidDocumentException as error:
            raise SamRefusal(tuple(cause.message for cause in error.causes)) from error
        except Exception as error:
            reason = f"SAM's translator stopped with {type(error).__name__}: {error}."
            raise SamRefusal((f"{reason} CloudFormation shows this as a failure without a reason.",)) from error


def translate_with_progress(fragment: JsonObject, parameters: Mapping[str, Json], region: str) -> JsonObject:
    """As `translate`, with a word for who waits. Raises `SamRefusal`."""
    count = len(as_object(fragment.get("Resources")))
    with progress(f"SAM translates {count} resource{'s' * (count != 1)}"):
        return translate(fragment, parameters, region)


class _NoMorePolicies:
    """Takes the place of the translator's `ManagedPolicyLoader`, which would call IAM."""

    def load(self) -> dict[str, str]:
        return {}


@contextmanager
def _offline(region: str) -> Iterator[None]:
    from samtranslator.translator import arn_generator  # noqa: PLC0415

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    before = dict(os.environ)
    generator = arn_generator.ArnGenerator
    region_before = generator.BOTO_SESSION_REGION_NAME
    os.environ.update(_ENVIRONMENT, AWS_DEFAULT_REGION=region)
    for name in _PROFILES:
        os.environ.pop(name, None)
    generator.BOTO_SESSION_REGION_NAME = region
    try:
        yield
    finally:
        generator.BOTO_SESSION_REGION_NAME = region_before
        os.environ.clear()
        os.environ.update(before)
