"""The demo shows the example's routes before and after, from a checkout and from an installed package."""

from pathlib import Path

import pytest

from cli.samples import samstream
from samstream_cli.demo import find_example
from samstream_cli.errors import TemplateError


def test_the_demo_shows_routes_that_stream_and_the_next_steps() -> None:
    ran = samstream("demo")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert any(line.startswith("ServerlessRestApi") and "POST /chat" in line and "STREAM" in line for line in lines)
    assert any(line.startswith("API") and "Before" in line and "After" in line for line in lines)
    assert "Next:" in lines
    assert "The deployment would fail" not in ran.out


@pytest.mark.parametrize("place", ["package/example", "example"])
def test_the_example_is_found_in_a_package_and_in_a_checkout(tmp_path: Path, place: str) -> None:
    folder = tmp_path / ("cli" if place == "package/example" else ".") / place
    folder.mkdir(parents=True)
    (folder / "template.yaml").touch()
    assert find_example(tmp_path / "cli" / "package") == folder


def test_an_installation_without_the_example_says_so(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="the example is missing"):
        find_example(tmp_path / "cli" / "package")
