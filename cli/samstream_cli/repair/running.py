"""One run: plan, show, ask, write the undo file, carry out, verify. Whatever stops it, what was done is told."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

import click

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import UnreachableError
from samstream_cli.aws.installing import Manner
from samstream_cli.errors import ExitCode, SamstreamError
from samstream_cli.progress import progress
from samstream_cli.repair import record as undo_file
from samstream_cli.repair.plan import Plan
from samstream_cli.repair.record import record_of
from samstream_cli.repair.report import Outcome, Result, print_plan, print_verdicts, to_json
from samstream_cli.repair.work import Step, Work
from samstream_cli.verify.cases import RouteVerdict, Verdict
from samstream_cli.verify.judging import judge_all
from samstream_cli.verify.reads import Reader
from samstream_cli.verify.survey import survey
from samstream_cli.verify.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Run:
    """How a plan is to be carried out. `again` is the command that goes on after a failure; `target` is where the undo
    file goes, or, if this run is the undoing, `undone` is the one it comes from."""

    clients: Clients
    plan: Plan
    manner: Manner
    again: str
    target: Path | None = None
    undone: Path | None = None
    is_json: bool = False

    def carry_out(self) -> ExitCode:
        """Raises what stops it, after it has been told how to go on; `SamstreamError` only before the first change."""
        manner = replace(self.manner, out=self.manner.err) if self.is_json else self.manner
        print_plan(manner.out, self.plan)
        result = Result(Outcome.FAILED)
        try:
            return self._carry_out(manner, result)
        except SamstreamError as error:
            result.problem = error.message
            raise
        finally:
            if self.is_json:
                self.manner.out.out(to_json(self.plan, result), highlight=False)

    def _carry_out(self, manner: Manner, result: Result) -> ExitCode:
        answer = self._before(manner, result)
        if answer is not None:
            return answer
        work = Work(self.clients, self.plan, manner.sleep, self._keep)
        result.left = [step.text for step in work.steps()]
        if self.target:
            undo_file.create(self.target, record_of(self.plan))
            result.record = str(self.target)
            manner.err.print(f"Undo file: {self.target}", soft_wrap=True)
        try:
            for step in work.steps():
                _do(step, manner, result)
        except BaseException as error:
            self._tell_stopped(manner, result, error)
            if isinstance(error, SamstreamError):
                return ExitCode.WOULD_FAIL
            raise
        finally:
            result.deployment = work.deployment
        result.outcome = Outcome.DONE
        if self.undone:
            manner.out.print("What the repair changed is as it was before.")
            return ExitCode.OK
        return self._verify(manner, result)

    def _before(self, manner: Manner, result: Result) -> ExitCode | None:
        """How it ends where nothing is changed; None to go ahead."""
        if self.plan.refusals:
            result.outcome = Outcome.REFUSED
            manner.err.print("Nothing was changed.")
            return ExitCode.UNUSABLE
        if not self.plan.is_needed:
            result.outcome = Outcome.NOTHING_TO_DO
            what = (
                "what the repair changed is as it was before" if self.undone else "the stage serves all of it already"
            )
            manner.out.print(f"Nothing to do: {what}.")
            return ExitCode.OK
        if manner.is_dry_run:
            result.outcome = Outcome.PLANNED
            manner.out.print("Nothing was changed: this is a dry run.")
            return ExitCode.OK
        result.outcome = Outcome.DECLINED
        if not manner.is_agreed and not manner.ask("Go ahead?"):
            manner.err.print("Nothing was changed.")
            return ExitCode.WOULD_FAIL
        result.outcome = Outcome.FAILED
        return None

    def _keep(self, deployment: str) -> None:
        """Adds a new deployment to the undo file before the stage points to it."""
        if self.target:
            undo_file.rewrite(self.target, replace(record_of(self.plan), deployment=deployment))

    def _verify(self, manner: Manner, result: Result) -> ExitCode:
        manner.out.print(f"To put back what was before: {self._undo}", soft_wrap=True)
        try:
            with progress("Verifying"):
                result.verdicts = _judge(self.clients, self.plan)
        except SamstreamError as error:
            result.problem = error.message
            text = f"All of it is done, but it couldn't be verified: {error.message}. {error.remedy}".rstrip()
            manner.err.print(text, soft_wrap=True)
            return ExitCode.WOULD_FAIL
        print_verdicts(manner.out, result.verdicts)
        is_good = all(one.verdict in (Verdict.STREAMS, Verdict.UNKNOWN) for one in result.verdicts)
        return ExitCode.OK if is_good else ExitCode.WOULD_FAIL

    @property
    def _undo(self) -> str:
        return f"samstream repair --undo {shlex.quote(str(self.target))}"

    def _tell_stopped(self, manner: Manner, result: Result, error: BaseException) -> None:
        is_interrupted = isinstance(error, KeyboardInterrupt | click.Abort)
        result.outcome = Outcome.INTERRUPTED if is_interrupted else Outcome.FAILED
        if isinstance(error, SamstreamError):
            result.problem = error.message
            manner.err.print(f"samstream: {error.message}. {error.remedy}".rstrip(), style="bold red", soft_wrap=True)
        is_known = isinstance(error, SamstreamError) and not isinstance(error, UnreachableError)
        perhaps = "" if is_known else " (this one perhaps)"
        lines = [f"Done:      {text}" for text in result.done]
        lines += [f"Not done:  {text}{perhaps if not at else ''}" for at, text in enumerate(result.left)]
        lines.append(f"Go on:     {self.again}")
        if self.target:
            lines.append(f"Undo it:   {self._undo}")
        manner.err.print(*lines, sep="\n", soft_wrap=True)


def _do(step: Step, manner: Manner, result: Result) -> None:
    with progress(step.text):
        step.run()
    result.done.append(result.left.pop(0))
    manner.err.print(f"done: {step.text}", style="dim", soft_wrap=True)


def _judge(clients: Clients, plan: Plan) -> list[RouteVerdict]:
    """What `samstream verify` says of the routes; without a template, nothing is said of one."""
    place = plan.place
    wanted = Wanted(apis={place.api: place.api}, is_known=False)
    found = survey(Reader(clients, place.region), wanted, (place.api,), (place.stage,))
    names = {change.route for change in plan.routes}
    return [one for one in judge_all(wanted, found) if one.case.route in names]
