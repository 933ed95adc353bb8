"""Whole runs against an account in memory: what is asked for, and that nothing is left however a run ends."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from scripts.live.experiments import EXPERIMENTS
from scripts.live.lab import Lab, Names
from scripts.live.ledger import Ledger, Made
from scripts.live.running import Manner, clean, new_prefix, settle
from scripts.live.sending import Reply

from live.cloud import REGION, Gateway, LiveCloud, account, manner, text_of
from samstream_cli.errors import ExitCode

PREFIX = "samstream-live-1234abcd"
MACROS = ("macro-alias", "macro-account", "macro-timeout")


def run(
    cloud: LiveCloud, folder: Path, *ids: str, how: Manner | None = None, gateway: Gateway | None = None
) -> tuple[ExitCode, Manner]:
    how = how or manner()
    lab = partial(Lab, send=(gateway or Gateway()).send, sleep=lambda _: None, clock=lambda: 0.0)
    chosen = [EXPERIMENTS[name] for name in ids or EXPERIMENTS]
    return settle(chosen, Names(PREFIX), account(cloud, folder), how, lab), how


def is_clean(cloud: LiveCloud, folder: Path) -> bool:
    stacks = [name for _, name, status in cloud.names() if status != "DELETE_COMPLETE"]
    return not stacks and not cloud.stack_sets and not Ledger(folder / "live.jsonl").left()


def test_all_experiments_run_and_leave_nothing(tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.refused = {f"{PREFIX}-{name}": "failed with: no" for name in MACROS}
    _, how = run(cloud, tmp_path)

    rows = text_of(how.out).splitlines()
    assert rows[:2] == ["| Question | Answer in eu-west-1 | Seen |", "| --- | --- | --- |"]
    assert [row.split(" | ")[0] for row in rows[2:]] == [f"| {one.question}" for one in EXPERIMENTS.values()]
    assert is_clean(cloud, tmp_path)


def test_a_run_says_what_macros_and_gateways_did(tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.refused = {f"{PREFIX}-macro-alias": "failed with: invoked as arn:f:live"}
    code, how = run(cloud, tmp_path, "macro-alias", "macro-id", "python-bz2")

    assert [row.split(" | ")[1] for row in text_of(how.out).splitlines()[2:]] == [
        "yes, and the alias is what runs",
        "it is its name, and the stack is found by the name",
        "yes",
    ]
    assert code == ExitCode.OK
    assert is_clean(cloud, tmp_path)


def test_the_price_is_said_and_no_makes_nothing(tmp_path: Path) -> None:
    cloud = LiveCloud()
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return False

    code, how = run(cloud, tmp_path, "malformed", how=manner(is_agreed=False, ask=ask))
    assert (code, asked, cloud.calls, text_of(how.out)) == (ExitCode.WOULD_FAIL, ["Go ahead?"], [], "")
    assert re.search(
        r"account 123456789012, eu-west-1: about 3 minutes. It costs money: .* US\$ 0.10", text_of(how.err)
    )


def test_a_dry_run_prints_the_templates_and_calls_nothing(tmp_path: Path) -> None:
    cloud = LiveCloud()
    code, how = run(cloud, tmp_path, "macro-alias", how=manner(is_dry_run=True))
    assert (code, cloud.calls) == (ExitCode.OK, [])
    headers = [line for line in text_of(how.out).splitlines() if line.startswith("#")]
    assert headers == [f"# {PREFIX}-macro-alias-{key}" for key in ("macro", "use")]


STEPS = ["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents", "DeleteChangeSet"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_denied_ends_its_experiment_and_leaves_nothing(step: str, tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.denied = {step}
    cloud.before["DeleteStack"] = cloud.denied.clear
    code, how = run(cloud, tmp_path, "macro-timeout")
    if step == "DescribeStackEvents":  # without it no removal can be followed either
        cloud.denied.clear()
        clean(account(cloud, tmp_path), Ledger(tmp_path / "live.jsonl").left(), how.err)

    assert code == ExitCode.WOULD_FAIL
    assert "not settled: the experiment failed" in text_of(how.out)
    assert is_clean(cloud, tmp_path)


@pytest.mark.parametrize("step", ["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_at_any_step_leaves_nothing(step: str, when: str, tmp_path: Path) -> None:
    cloud = LiveCloud()
    getattr(cloud, when)[step] = once(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(cloud, tmp_path, "macro-id", "python-bz2")
    assert is_clean(cloud, tmp_path)


def test_a_second_interruption_says_what_is_left_and_cleanup_removes_it(tmp_path: Path) -> None:
    cloud, how = LiveCloud(), manner()
    cloud.before["ExecuteChangeSet"] = cloud.before["DeleteStack"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(cloud, tmp_path, "macro-id", how=how)
    name = f"{PREFIX}-macro-id-macro"
    told = f"Left in {REGION}: stack {name}. To remove it: python -m scripts.live cleanup"
    assert text_of(how.err).splitlines()[-1] == told

    cloud.before.clear()
    left = Ledger(tmp_path / "live.jsonl").left()
    assert left == [Made("stack", name, REGION, "123456789012")]
    assert clean(account(cloud, tmp_path), left, how.err) == ExitCode.OK
    assert is_clean(cloud, tmp_path)


def test_a_removal_that_fails_is_told_and_stays_in_the_ledger(tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.denied = {"DeleteStack"}
    code, how = run(cloud, tmp_path, "macro-id")
    assert code == ExitCode.WOULD_FAIL
    assert [made.name for made in Ledger(tmp_path / "live.jsonl").left()] == [f"{PREFIX}-macro-id-macro"]
    assert f"Not removed: stack {PREFIX}-macro-id-macro: no permission" in text_of(how.err)


def test_what_is_kept_is_removed_by_cleanup(tmp_path: Path) -> None:
    cloud = LiveCloud()
    code, how = run(cloud, tmp_path, "macro-id", "stack-set", how=manner(is_kept=True))
    assert code == ExitCode.OK
    left = Ledger(tmp_path / "live.jsonl").left()
    assert [made.kind for made in left] == ["stackset", "stack"]
    assert clean(account(cloud, tmp_path), left, how.err) == ExitCode.OK
    assert is_clean(cloud, tmp_path)


def test_a_stack_set_that_is_refused_settles_or_not_by_its_reason(tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.stack_set_refusal = "You must be the management account or delegated admin account of an organization."
    code, how = run(cloud, tmp_path, "stack-set")
    assert code == ExitCode.WOULD_FAIL
    assert "this account can't tell: it needs an organisation's management account" in text_of(how.out)
    assert is_clean(cloud, tmp_path)


DENIED = "failed: User: me is not authorized to perform: lambda:InvokeFunction on resource: arn:f"


@pytest.mark.parametrize("name", ["macro-alias", "message-length", "macro-timeout"])
def test_a_permission_that_is_lacking_is_no_answer(name: str, tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.refused = {f"{PREFIX}-{name}": DENIED}
    code, how = run(cloud, tmp_path, name)
    assert code == ExitCode.WOULD_FAIL
    assert "not settled: the experiment failed" in text_of(how.out)


@pytest.mark.parametrize("name", ["macro-alias", "macro-account", "edge-timeout"])
def test_a_stack_that_fails_for_another_reason_is_no_answer(name: str, tmp_path: Path) -> None:
    cloud = LiveCloud()
    cloud.failing = {REGION: "the function can't be made"}
    cloud.before["DeleteStack"] = cloud.failing.clear
    code, how = run(cloud, tmp_path, name)
    assert code == ExitCode.WOULD_FAIL
    assert "not settled: the experiment failed" in text_of(how.out)
    assert is_clean(cloud, tmp_path)


def test_a_gateway_that_never_answers_is_an_unsettled_answer(tmp_path: Path) -> None:
    gateway = Gateway(Reply(403))
    code, how = run(LiveCloud(), tmp_path, "malformed", gateway=gateway)
    assert (code, len(gateway.sent)) == (ExitCode.WOULD_FAIL, 20)
    assert "doesn't answer 200 to a plain stream" in text_of(how.out)


def test_the_size_of_the_metadata_is_found_by_halving(tmp_path: Path) -> None:
    class Limited(Gateway):
        def send(self, method: str, url: str, body: str) -> Reply:
            super().send(method, url, body)
            return Reply(200 if body.index("\\u0000") - body.index("{") <= 16_384 else 502)

    gateway = Limited()
    code, how = run(LiveCloud(), tmp_path, "prelude-size", gateway=gateway)
    assert code == ExitCode.OK
    assert " | 16,384 bytes before the first NUL | " in text_of(how.out)
    assert len(gateway.sent) < 16


def test_no_two_runs_have_the_same_names() -> None:
    assert re.fullmatch(r"samstream-live-[0-9a-f]{8}", new_prefix())
    assert new_prefix() != new_prefix()


def interrupt() -> None:
    raise KeyboardInterrupt


def once(work: Callable[[], None]) -> Callable[[], None]:
    left = [work]
    return lambda: left.pop()() if left else None
