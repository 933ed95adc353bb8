"""The macro's stack in one Region, step by step: prepared, read, then executed or discarded.

Each step says at once what AWS is asked for, so that an interruption at any moment knows what to take back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from samstream_cli.aws import changesets
from samstream_cli.aws.changesets import Change, ChangeSet, Draft, Sleep
from samstream_cli.aws.errors import AwsError, message_of
from samstream_cli.aws.macro_stack import macro_name, owner_of, refuse_foreign
from samstream_cli.aws.macro_template import DEFAULT_NAME, NAME_PARAMETER, MacroTemplate
from samstream_cli.aws.stacks import Stack, find_stack, refuse_obstacle
from samstream_cli.aws.waiting import Watch

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True, slots=True)
class Order:
    """What to install, the same in every Region; no `name` keeps the one that a stack has."""

    template: MacroTemplate
    stack_name: str
    name: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None


@dataclass(slots=True)
class Installation:
    """One Region's part of an order, and how far it has come."""

    client: "CloudFormationClient" = field(repr=False)
    region: str
    order: Order
    sleep: Sleep = field(repr=False)
    before: Stack | None = None
    changes: tuple[Change, ...] = ()
    change_set: ChangeSet | None = None
    """One that AWS may have and that wasn't executed."""
    watch: Watch | None = None
    """Follows the operation, once AWS was asked to begin it."""

    @property
    def name(self) -> str:
        return self.order.name or (macro_name(self.before) if self.before else "") or DEFAULT_NAME

    def prepare(self) -> None:
        """Looks at what is there and asks for a change set. Raises `AwsError` where the stack takes none."""
        found = find_stack(self.client, self.order.stack_name)
        if found is not None and not found.is_new:
            self._check(found)
        elif owner := owner_of(self.client, self.name):
            remedy = f"Update that one with --stack-name {owner}, or install beside it with --name {self.name}-v2."
            message = f"the macro {self.name} in {self.region} belongs to the stack {owner} already"
            raise AwsError(message, remedy, "NameTaken")
        draft = self._draft(found)
        self.change_set = changesets.name_one(draft, makes_stack=found is None)
        try:
            changesets.create(self.client, draft, self.change_set)
        except self.client.exceptions.ClientError as error:
            self.change_set = None  # refused, so there is none
            if not changesets.says_nothing(message_of(error)):
                raise

    def read(self) -> None:
        """Waits for the change set; one without changes is deleted at once."""
        if self.change_set is None:
            return
        self.changes = changesets.read_changes(self.client, self.change_set, self.sleep)
        if not self.changes:
            self.discard()

    def execute(self) -> None:
        """Starts what was planned."""
        stack = find_stack(self.client, self.order.stack_name)
        if self.change_set is None or stack is None:
            raise AwsError(f"the plan for {self.region} is gone", "Run the command again.", "Gone")
        watch = Watch(self.client, self.region, stack.name, stack.id)
        watch.begin()
        self.watch = watch
        try:
            changesets.execute(self.client, self.change_set)
        except self.client.exceptions.ClientError:  # refused, so nothing has begun; without an answer it may have
            self.watch = None
            raise
        self.change_set = None

    def discard(self) -> None:
        """Takes back a change set that wasn't executed."""
        if self.change_set is not None and self.watch is None:
            changesets.discard(self.client, self.change_set)
            self.change_set = None

    def _check(self, found: Stack) -> None:
        refuse_foreign(found, self.region)
        refuse_obstacle(found, self.region)
        self.before = found
        has = macro_name(found)
        if self.order.name is not None and has and has != self.order.name:
            message = f"the stack {found.name} in {self.region} holds the macro {has}, which templates may use"
            remedy = f"Install {self.order.name} beside it with another --stack-name."
            raise AwsError(message, remedy, "Rename")

    def _draft(self, found: Stack | None) -> Draft:
        order, before = self.order, self.before
        has = before.parameters if before else {}
        kept: dict[str, str | None] = {name: None for name in order.template.parameters if name in has}
        return Draft(
            stack_name=order.stack_name,
            kind="CREATE" if found is None or found.is_new else "UPDATE",
            template=order.template.text,
            parameters={NAME_PARAMETER: self.name, **kept, **order.parameters},
            # Those given replace all that the stack has.
            tags={**before.tags, **order.tags} if before and order.tags else order.tags,
            role_arn=order.role_arn,
        )
