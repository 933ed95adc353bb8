from pathlib import Path
from typing import Any

import pytest
from scripts.live.__main__ import cleanup, main
from scripts.live.experiments import EXPERIMENTS
from scripts.live.ledger import Ledger, Made
from scripts.live.templates import NOTHING, template

from live.cloud import LiveCloud, account, manner, text_of

OWN = Made("stack", "samstream-live-1-api", "eu-west-1", "123456789012")
FOREIGN = Made("stack", "samstream-live-2-api", "eu-west-1", "111122223333")
NO: dict[str, Any] = {"is_agreed": False, "ask": lambda _: False}


def test_the_list_needs_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(EXPERIMENTS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "nothing"], "live: there is no experiment nothing. There are stack-set, "),
        (["story", "--only", "malformed"], "live: --only chooses experiments, and story has none. Leave it out."),
        (["--only", "malformed"], "live: this isn't a terminal, so nobody can be asked. Add --yes to go ahead."),
        (["nothing"], "Usage: "),
    ],
)
def test_wrong_options_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(message)


def test_cleanup_without_anything_left_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cleanup", "--yes", "--ledger", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().err == "Nothing is left of any run.\n"


@pytest.mark.parametrize(
    ("how", "code", "left"),
    [({}, 0, [FOREIGN]), ({"is_dry_run": True}, 0, [FOREIGN, OWN]), (NO, 1, [FOREIGN, OWN])],
)
def test_cleanup_removes_what_is_its_own(how: dict[str, Any], code: int, left: list[Made], tmp_path: Path) -> None:
    cloud, asked = LiveCloud(), manner(**how)
    account(cloud, tmp_path).deploy(OWN.name, template({"Nothing": NOTHING}))
    ledger = Ledger(tmp_path / "live.jsonl")
    ledger.add(FOREIGN)
    assert cleanup(cloud.clients(), None, ledger, asked, None) == code
    assert ledger.left() == left
    assert text_of(asked.err).splitlines()[:2] == [
        f"stack {FOREIGN.name} in eu-west-1 of account 111122223333: other credentials remove it",
        f"stack {OWN.name} in eu-west-1",
    ]
    assert cloud.stack(name=OWN.name).status == ("CREATE_COMPLETE" if OWN in left else "DELETE_COMPLETE")
    assert cleanup(cloud.clients(), None, ledger, manner(), "us-east-1") == 0
