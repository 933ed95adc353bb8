"""Nothing here ever reaches AWS."""

from aws.conftest import _no_aws  # noqa: F401
