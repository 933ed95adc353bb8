"""cfn-lint finds no error in a processed template that it doesn't find in what SAM alone makes of the same one."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]
from cfnlint.decode import decode_str  # type: ignore[import-untyped]
from cfnlint.runner import Runner  # type: ignore[import-untyped]

from corpus import GOOD, Case
from reading import same_ids
from sam import baseline, deploy_case


@cache
def linter(region: str) -> Runner:
    """Loading cfn-lint's rules takes longer than linting a template."""
    return Runner(ConfigMixIn([], regions=[region], ignore_checks=["W", "I"]))


def errors(template: dict[str, Any], region: str) -> Counter[tuple[str, str]]:
    decoded, unreadable = decode_str(json.dumps(same_ids(template)))
    assert not unreadable
    found = linter(region).validate_template(decoded)
    return Counter((match.rule.id, match.message) for match in found)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_processed_template_has_no_new_errors(case: Case) -> None:
    found = errors(deploy_case(case).template, case.region)

    assert not found or not found - errors(baseline(case), case.region)
