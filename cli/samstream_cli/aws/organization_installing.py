"""Installs or updates the macro in an organization by a StackSet: plan, show, ask, carry out, follow.

The management account isn't reached by service-managed StackSets, even where a unit contains it
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html): it gets a plain stack.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from samstream_cli.aws import installing
from samstream_cli.aws.errors import AccessDeniedError, AwsError, aws_errors, message_of
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.organization import ADVICE, Context
from samstream_cli.aws.organization_plan import Plan, Wish, make_plan
from samstream_cli.aws.organization_refusals import ROLES_ADVICE, is_of_model, is_of_role, offer
from samstream_cli.aws.stacksets import delete_stack_set
from samstream_cli.aws.stacksets_waiting import Operation, follow_operation, telling
from samstream_cli.errors import ExitCode
from samstream_cli.progress import progress

_DOUBT = (
    "AWS documents that a macro needs --self-managed or a custom execution role. This is tried all the same: if AWS "
    "refuses, both ways are printed with their commands."
)


@dataclass(slots=True)
class Course:
    """How far a plan has come."""

    context: Context
    plan: Plan
    manner: Manner
    is_made: bool = False
    """AWS may have a new StackSet, and nothing is in it yet."""
    operations: list[Operation] = field(default_factory=list)
    is_refused: bool = False

    def carry_out(self) -> None:
        """Raises `AwsError` where AWS refuses a request; what it fails at in one account doesn't stop the others."""
        home, plan = self.context.home, self.plan
        try:
            if plan.before is None:
                with self._refusals():
                    self._create()
            if plan.is_update:
                self._operate("update", home.client.update_stack_set, plan.update)
            for batch in plan.missing:
                request = {**batch.request, **plan.wish.preferences.request}
                self._operate("installation", home.client.create_stack_instances, request)
        finally:
            self._take_back()

    def offer(self, *, is_left: bool) -> str:
        plan = self.plan
        regions = plan.wish.targets.regions or sorted({one.region for one in plan.instances})
        return offer(self.context.home, plan.accounts, regions, is_left=is_left)

    def _create(self) -> None:
        home = self.context.home
        self.is_made = True
        try:
            home.client.create_stack_set(**home.request, **self.plan.creation)
        except home.client.exceptions.ClientError:  # refused, so there is none; without an answer there may be
            self.is_made = False
            raise

    def _operate(self, what: str, ask: Callable[..., Any], request: dict[str, Any]) -> None:
        operation = Operation(self.context.home, what)
        self.operations.append(operation)
        with self._refusals(), telling(self.manner.err, operation):
            operation.begin(ask, request, self.manner.err, self.manner.sleep)
            self.is_made = False
            follow_operation(self.manner.err, operation, self.manner.sleep)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turns a refusal for want of a role into an error that offers the way that works."""
        home = self.context.home
        try:
            with aws_errors(home.region, ADVICE):
                yield
        except AccessDeniedError:
            raise
        except AwsError as error:
            if not self.plan.wish.self_managed and is_of_model(error.message):
                error.remedy = "\n" + self.offer(is_left=self.plan.before is not None)
            elif is_of_role(error.message):
                error.remedy = ROLES_ADVICE
            raise

    def _take_back(self) -> None:
        """Deletes a StackSet that was made for nothing. AWS would refuse to delete one that has instances."""
        begun = any(one.is_asked for one in self.operations)
        if not self.is_made or begun:
            return
        home = self.context.home
        try:
            delete_stack_set(home)
        except home.client.exceptions.ClientError as error:
            self.manner.err.print(
                f"The empty StackSet {home.name} is left ({message_of(error).rstrip('.')}).",
                f"  Delete it:  {home.command('delete-stack-set')}",
                sep="\n",
                soft_wrap=True,
            )


def run(context: Context, wish: Wish, manner: Manner) -> ExitCode:
    """Carries out a wish; an account and Region that fails is told and makes the exit code 1."""
    with progress("Comparing the StackSet with what is wished for"):
        plan = make_plan(context, wish)
    _print_plan(manner.out, context, plan)
    if plan.is_nothing:
        manner.out.print(f"Nothing to change: {plan.name} is in {_count(len(plan.instances))} ({plan.version}).\n")
        code = ExitCode.OK
    elif manner.is_dry_run:
        manner.out.print("Nothing was changed: this is a dry run.\n")
        code = ExitCode.OK
    elif not manner.is_agreed and not manner.ask("Go ahead in the organization?"):
        manner.err.print("Nothing was changed.")
        return ExitCode.WOULD_FAIL
    else:
        course = Course(context, plan, manner)
        code = _run_course(course)
        if course.is_refused and plan.before is None:
            return code  # where the StackSet can't be, its other account had better wait
    return max(code, _run_management(context, wish, manner))


def _run_course(course: Course) -> ExitCode:
    manner = course.manner
    try:
        course.carry_out()
    except AwsError as error:
        course.is_refused = True
        message = f"{error.message}. {error.remedy}".rstrip()
        manner.err.print(Text.assemble((f"{course.context.home.name}: ", "bold red"), message), soft_wrap=True)
        if not any(operation.results for operation in course.operations):
            return ExitCode.WOULD_FAIL
    return max(_tell_outcome(course), ExitCode.WOULD_FAIL if course.is_refused else ExitCode.OK)


def _tell_outcome(course: Course) -> ExitCode:
    manner = course.manner
    last = {(one.account, one.region): one for operation in course.operations for one in operation.results.values()}
    failed = [one for one in last.values() if one.is_failure]
    done = len(last) - len(failed)
    manner.out.print(f"{course.plan.name} ({course.plan.version}) is done in {done} of {_count(len(last))}.\n")
    for operation in course.operations:
        if operation.status != "SUCCEEDED":
            why = f": {operation.reason}" if operation.reason else ""
            manner.err.print(f"The {operation.what} ended as {operation.status}{why}", soft_wrap=True)
            manner.err.print(f"  Look:  {operation.look}", soft_wrap=True)
    reasons = " ".join(one.reason for one in failed)
    if failed:
        manner.err.print("Run the same command again when what is in the way is gone: it tries those that failed.")
    if not course.plan.wish.self_managed and is_of_model(reasons):
        course.is_refused = True
        manner.err.print(course.offer(is_left=True), soft_wrap=True)
    elif is_of_role(reasons):
        manner.err.print(ROLES_ADVICE, soft_wrap=True)
    ended_well = all(operation.status == "SUCCEEDED" for operation in course.operations)
    return ExitCode.OK if ended_well and not failed else ExitCode.WOULD_FAIL


def _run_management(context: Context, wish: Wish, manner: Manner) -> ExitCode:
    targets = wish.targets
    if wish.self_managed or not targets.regions:
        return ExitCode.OK
    if not context.is_management:
        whose = f" {context.management}" if context.management else ""
        manner.out.print(
            f"The organization's management account{whose} isn't reached by a service-managed StackSet. "
            "Who needs the macro there runs samstream install in it.",
            soft_wrap=True,
        )
        return ExitCode.OK
    if not targets.has_account(context.account):
        return ExitCode.OK
    message = f"The management account {context.account}, which the StackSet doesn't reach, gets a stack of its own."
    manner.out.print(Text(message, "bold"), soft_wrap=True)
    return installing.run(context.clients, targets.regions, wish.order, manner)


def _print_plan(console: Console, context: Context, plan: Plan) -> None:
    home, before = context.home, plan.before
    model = "self-managed" if plan.wish.self_managed else "service-managed"
    console.print(Text(f"StackSet {home.name} in {home.region}, {model}", "bold"), soft_wrap=True)
    lines = [] if before else [f"created with the macro {plan.name} {plan.version}"]
    if plan.is_update:
        old, new = plan.version_before, plan.version
        versions = old if old == new else f"{old} -> {new}"
        number = sum(one.is_behind for one in plan.instances)
        behind = f", {number} of which aren't up to date" if number else ""
        lines.append(f"updated in {_count(len(plan.instances))}{behind}: {plan.name} {versions}")
    lines += [f"added: {batch}" for batch in plan.missing]
    for line in lines or ["unchanged"]:
        console.print(f"   {line}", soft_wrap=True)
    if plan.missing and plan.accounts:
        console.print(f"   accounts now: {len(plan.accounts)}")
    if plan.missing and not plan.wish.self_managed and (before is None or before.is_automatic):
        console.print("   accounts that join these units later get it by themselves", soft_wrap=True)
    if before is None and not plan.wish.self_managed:
        console.print(Text(_DOUBT, "dim"), soft_wrap=True)
    console.print()


def _count(number: int) -> str:
    return f"{number} stack{'s' * (number != 1)}"
