from pathlib import Path

from scripts.live.ledger import Ledger, Made

FIRST = Made("stack", "samstream-live-1-api", "eu-west-1", "123456789012")
SECOND = Made("bucket", "samstream-live-1", "eu-west-1", "123456789012")


def test_what_was_made_and_not_removed_is_left_the_newest_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "new" / "live.jsonl")
    assert ledger.left() == []
    ledger.add(FIRST)
    ledger.add(SECOND)
    assert Ledger(ledger.path).left() == [SECOND, FIRST]
    ledger.remove(SECOND)
    ledger.add(FIRST)
    assert Ledger(ledger.path).left() == [FIRST]


def test_a_line_that_was_cut_off_hides_no_other(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "live.jsonl")
    ledger.add(FIRST)
    with ledger.path.open("a") as file:
        file.write('["+", "stack", "sam\n')
    ledger.add(SECOND)
    assert ledger.left() == [SECOND, FIRST]
