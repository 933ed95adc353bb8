"""Every error of usage or environment carries what is wrong, what to do, and its exit code."""

import pytest

from samstream_cli.errors import ParameterError, SamstreamError, TemplateError, UsageError


@pytest.mark.parametrize("kind", [UsageError, TemplateError, ParameterError])
def test_an_error_has_a_message_a_remedy_and_the_code_two(kind: type[SamstreamError]) -> None:
    error = kind("x is wrong", "Mend x.")
    assert (str(error), error.message, error.remedy, error.exit_code) == ("x is wrong", "x is wrong", "Mend x.", 2)
