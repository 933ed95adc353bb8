"""Makes and removes in one account and Region, and tells the ledger before and after."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from samstream.types import JsonObject
from samstream_cli.aws import changesets
from samstream_cli.aws.changesets import Change, ChangeSet, Draft, Sleep
from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.aws.stacks import Stack, find_stack
from samstream_cli.aws.waiting import Watch, follow
from scripts.live.ledger import Ledger, Made
from scripts.live.templates import write

TAGS: Final = {"made-by": "samstream-live"}
_ADVICE: Final = (
    "A run makes stacks, roles, functions, APIs and a bucket: use an account for trials, as an administrator."
)


@dataclass(slots=True)
class Account:
    """Where a run makes things. `objects` is S3's client, which the story alone needs."""

    clients: Clients
    region: str
    number: str
    ledger: Ledger
    sleep: Sleep = field(default=time.sleep)
    objects: Any = None

    def deploy(self, name: str, template: JsonObject | str, parameters: Mapping[str, str] | None = None) -> Stack:
        """Creates or updates a stack, and waits; without a difference it stays. Raises `AwsError`."""
        with aws_errors(self.region, _ADVICE):
            named, changes = self._plan(name, template, parameters or {})
            if changes:
                self._execute(named)
            else:
                changesets.discard(self._cloudformation, named)
            return self._stack(name)

    def plan(self, name: str, template: JsonObject | str) -> tuple[Change, ...]:
        """What a deployment would change, with nothing of it done. Raises `AwsError`."""
        with aws_errors(self.region, _ADVICE):
            named, changes = self._plan(name, template, {})
            changesets.discard(self._cloudformation, named)
            return changes

    def create_stack_set(self, name: str, template: JsonObject) -> None:
        """A stack set whose instances an organisation would manage, without any. Raises `AwsError`."""
        made = self._note("stackset", name)
        try:
            with aws_errors(self.region, _ADVICE):
                self._cloudformation.create_stack_set(
                    StackSetName=name,
                    TemplateBody=write(template),
                    PermissionModel="SERVICE_MANAGED",
                    AutoDeployment={"Enabled": False},
                )
        except AwsError:
            self.remove(made)
            raise

    def create_bucket(self, name: str, key: str, content: bytes) -> None:
        """A bucket with one object in it. Raises `AwsError`."""
        self._note("bucket", name)
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html: us-east-1 is named by naming none.
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        with aws_errors(self.region, _ADVICE):
            self.objects.create_bucket(Bucket=name, **({} if self.region == "us-east-1" else place))
            self.objects.put_object(Bucket=name, Key=key, Body=content)

    def remove(self, made: Made) -> None:
        """Removes what the ledger knows of, also where AWS never made it. Raises `AwsError`."""
        with aws_errors(self.region, _ADVICE):
            {"stack": self._remove_stack, "stackset": self._remove_stack_set, "bucket": self._remove_bucket}[made.kind](
                made.name
            )
        self.ledger.remove(made)

    @property
    def _cloudformation(self) -> Any:
        return self.clients.of("cloudformation", self.region)

    def _note(self, kind: str, name: str) -> Made:
        made = Made(kind, name, self.region, self.number)
        self.ledger.add(made)
        return made

    def _plan(
        self, name: str, template: JsonObject | str, parameters: Mapping[str, str]
    ) -> tuple[ChangeSet, tuple[Change, ...]]:
        found = find_stack(self._cloudformation, name)
        is_new = found is None or found.is_new
        if found is None:
            self._note("stack", name)
        text = template if isinstance(template, str) else write(template)
        draft = Draft(name, "CREATE" if is_new else "UPDATE", text, parameters, TAGS)
        named = changesets.name_one(draft, makes_stack=is_new)
        changesets.create(self._cloudformation, draft, named)
        return named, changesets.read_changes(self._cloudformation, named, self.sleep)

    def _execute(self, named: ChangeSet) -> None:
        watch = self._watch(self._stack(named.stack_name))
        changesets.execute(self._cloudformation, named)
        self._follow(watch)

    def _stack(self, name: str) -> Stack:
        stack = find_stack(self._cloudformation, name)
        if stack is None:
            raise AwsError(
                f"the stack {name} in {self.region} is gone", "Someone else removed it; run it again.", "Gone"
            )
        return stack

    def _watch(self, stack: Stack) -> Watch:
        watch = Watch(self._cloudformation, self.region, stack.name, stack.id)
        watch.begin()
        return watch

    def _follow(self, watch: Watch) -> None:
        follow([watch], lambda *_: None, self.sleep)
        if not watch.is_success:
            raise watch.failure()

    def _remove_stack(self, name: str) -> None:
        stack = find_stack(self._cloudformation, name)
        if stack is not None and stack.is_changing:
            follow([Watch(self._cloudformation, self.region, name, stack.id)], lambda *_: None, self.sleep)
            stack = find_stack(self._cloudformation, name)
        if stack is None:
            return
        watch = self._watch(stack)
        self._cloudformation.delete_stack(StackName=stack.id)
        if not stack.is_new:
            self._follow(watch)

    def _remove_stack_set(self, name: str) -> None:
        try:
            self._cloudformation.delete_stack_set(StackSetName=name)
        except self._cloudformation.exceptions.ClientError as error:
            # A caller who may not make one gets ValidationError for deleting it, too: then there is none.
            if error.response["Error"]["Code"] not in ("StackSetNotFoundException", "ValidationError"):
                raise

    def _remove_bucket(self, name: str) -> None:
        try:
            for one in self.objects.list_objects_v2(Bucket=name).get("Contents", []):
                self.objects.delete_object(Bucket=name, Key=one["Key"])
            self.objects.delete_bucket(Bucket=name)
        except self.objects.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
