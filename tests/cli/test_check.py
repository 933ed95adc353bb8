"""`samstream check` as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.samples import SAM, STREAMING, call, sam_template, samstream, working_in, written

SHORT = {**STREAMING, "Globals": {**STREAMING["Globals"], "Function": {"Streaming": "maybe"}}}
QUIET = {**STREAMING, "Globals": {}}


def test_a_template_without_a_finding_passes(capsys: Any, tmp_path: Path) -> None:
    ran = call(capsys, "check", written(tmp_path, STREAMING), "--ignore", "W304")
    assert (ran.code, ran.out) == (0, "No findings in 1 template.\n")


def test_an_error_fails_and_is_shown_with_its_line(capsys: Any, tmp_path: Path) -> None:
    path = written(tmp_path, SHORT)
    ran = call(capsys, "check", path)
    assert ran.code == 1
    assert f"{path}:1:" in ran.out
    assert "error[E101]" in ran.out
    assert '"Streaming": "maybe"' in ran.out


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on", "warning"), 1), (("--fail-on", "error"), 0)])
def test_a_warning_fails_if_asked_to(capsys: Any, tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    ran = call(capsys, "check", written(tmp_path, QUIET), *options)
    assert (ran.code, "warning[W402]" in ran.out) == (code, True)


def test_rules_are_left_out_by_their_ids_in_any_case(capsys: Any, tmp_path: Path) -> None:
    ran = call(
        capsys, "check", written(tmp_path, QUIET), "--ignore", "w402", "--ignore", "W304", "--fail-on", "warning"
    )
    assert (ran.code, ran.out) == (0, "No findings in 1 template.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--ignore", "W40"), "samstream: there is no rule 'W40'. Did you mean"),
        (("--explain", "W40"), "samstream: there is no rule 'W40'. Did you mean"),
        (("--parameter", "Stage=x"), "samstream: no template declares the parameter Stage. They declare none."),
        (("--format", "xml"), "Usage:"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    capsys: Any, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = call(capsys, "check", written(tmp_path, STREAMING), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message)


def test_without_a_template_there_is_nothing_to_check(capsys: Any, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with working_in(tmp_path):
        ran = call(capsys, "check")
    assert (ran.code, ran.err.partition(".")[0]) == (2, "samstream: no template is named")


def test_what_can_not_be_read_is_told_and_the_rest_is_checked(capsys: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("Resources:\n\tA: b\n")
    paths = [str(tmp_path / "bad.yaml"), str(tmp_path / "gone.yaml"), written(tmp_path, QUIET)]
    ran = call(capsys, "check", *paths, "--format", "json")
    found = [
        (finding["rule"], finding["line"])
        for template in json.loads(ran.out)["templates"]
        for finding in template["findings"]
    ]
    assert ran.code == 2
    assert found == [("E006", 2), ("E006", None), ("W402", 1), ("W304", 1)]


def test_a_template_is_checked_once_however_often_it_is_named(capsys: Any, tmp_path: Path) -> None:
    path = written(tmp_path, STREAMING)
    assert "in 1 template." in call(capsys, "check", path, path).out


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json", "{"), ("sarif", "{"), ("junit", "<?xml"), ("github", "::"), ("text", "")],
)
def test_each_format_is_written(capsys: Any, tmp_path: Path, form: str, begins: str) -> None:
    ran = call(capsys, "check", written(tmp_path, QUIET), "--format", form)
    assert (ran.code, ran.out.startswith(begins), "W402" in ran.out) == (0, True, True)


def test_settings_of_the_folder_hold_and_options_win(capsys: Any, tmp_path: Path) -> None:
    written(tmp_path, QUIET)
    (tmp_path / ".samstream.toml").write_text(
        '[check]\ntemplates = ["*.json"]\nignore = ["W304"]\nfail-on = "warning"\n'
    )
    with working_in(tmp_path):
        strict, lenient = call(capsys, "check"), call(capsys, "check", "--fail-on", "error")
    assert (strict.code, lenient.code) == (1, 0)
    assert "W304" not in strict.out
    assert strict.out == lenient.out


def test_parameters_come_from_the_settings_and_from_options(capsys: Any, tmp_path: Path) -> None:
    template = {**QUIET, "Parameters": {"Kind": {"Type": "String"}}}
    template["Globals"] = {"Api": {"EndpointConfiguration": {"Type": {"Ref": "Kind"}}}}
    (tmp_path / ".samstream.toml").write_text(
        '[check]\nignore = ["W304"]\nparameters = {Kind = "REGIONAL", Other = "x"}\n'
    )
    path = written(tmp_path, template)
    with working_in(tmp_path):
        assert "No findings" in call(capsys, "check", path).out
        assert "W402" in call(capsys, "check", path, "--parameter", "Kind=EDGE").out


def test_the_macro_may_have_another_name(capsys: Any, tmp_path: Path) -> None:
    template = {**STREAMING, "Transform": ["Stream2", SAM, "Stream2"]}
    path = written(tmp_path, template)
    assert call(capsys, "check", path, "--macro-name", "Stream2").code == 0
    assert "W001" in call(capsys, "check", path).out


def test_a_rule_is_explained(capsys: Any) -> None:
    ran = call(capsys, "check", "--explain", "w401")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("warning[W401]")


def test_a_template_comes_by_standard_input_and_text_is_one_finding_a_line() -> None:
    ran = samstream("check", "-", stdin=json.dumps(QUIET))
    lines = [line for line in ran.out.splitlines() if line.startswith("<stdin>:")]
    assert (ran.code, len(lines)) == (0, 2)
    assert "\x1b" not in ran.out


def test_a_template_that_nothing_streams_in_passes(capsys: Any, tmp_path: Path) -> None:
    assert call(capsys, "check", written(tmp_path, sam_template(SAM))).out == "No findings in 1 template.\n"
