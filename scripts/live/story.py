"""The example from its first deployment to its last: without tags, with them, once more, without them, and gone.

It is the real example with the real adapter, so its code has to lie in a bucket, which a run makes and deletes: code
that stands in a template can't have the packages it needs.
"""

import io
import subprocess
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from samstream.types import JsonObject
from samstream_cli.aws.errors import AwsError, CredentialsError
from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.packaging import packaged_template
from samstream_cli.progress import progress
from samstream_cli.templates import read_template
from scripts.live.account import Account
from scripts.live.lab import quoted
from scripts.live.running import Manner, cleaned, is_agreed, of_run, print_table
from scripts.live.sending import Reply, Send, send
from scripts.live.templates import write

Done = TypeVar("Done")
EXAMPLE: Final = Path(__file__).parents[2] / "example"
SAM: Final = "AWS::Serverless-2016-10-31"
KEY: Final = "app.zip"
MINUTES: Final = 12
ROUTES: Final = {
    "GET /": "",
    "GET /static/chat.css": "",
    "GET /about": "",
    "GET /download?megabytes=1": "",
    "POST /chat": '{"prompt":"Tell me a long story"}',
    "GET /progress?seconds=5": "",
}
SLOW: Final = {"POST /chat", "GET /progress?seconds=5"}
"""Tagged routes that take their time, so that one can see whether they stream."""

_APART: Final = 0.5
"""Seconds from the first to the last byte from which on an answer came in parts; a buffered one comes at once."""


def build() -> bytes:
    """The example's code and packages as `sam build` would have them. Raises `UsageError`."""
    with TemporaryDirectory() as folder:
        command = ["make", "-C", str(EXAMPLE), "build-App", f"ARTIFACTS_DIR={folder}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UsageError(f"the example can't be built: {quoted(done.stderr)}", f"Try it: {' '.join(command)}")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                archive.write(path, path.relative_to(folder))
        return content.getvalue()


def example(name: str, *, macro: str | None) -> JsonObject:
    """The example's template with its code in a bucket; without a macro it has no tag either."""
    template: Any = deepcopy(read_template(str(EXAMPLE / "template.yaml")).content)
    template["Transform"] = [macro, SAM, macro] if macro else SAM
    app = template["Resources"]["App"]
    del app["Metadata"]
    app["Properties"]["CodeUri"] = {"Bucket": name, "Key": KEY}
    for event in app["Properties"]["Events"].values() if macro is None else ():
        event["Properties"].pop("Streaming", None)
    return dict(template)


@dataclass(slots=True)
class Story:
    """A run of it, and what was seen step by step."""

    account: Account
    name: str
    send: Send = send
    build: Callable[[], bytes] = build
    rows: list[tuple[str, bool, str]] = field(default_factory=list)

    def tell(self) -> None:
        """All steps in their order. Raises `AwsError`, `UsageError`."""
        content = self._step("build the example", self.build)
        self._step("make a bucket", lambda: self.account.create_bucket(self.name, KEY, content))
        parameters = {"MacroName": self.name}
        self._step(
            "install the macro", lambda: self.account.deploy(f"{self.name}-macro", packaged_template(), parameters)
        )
        self._deploy("deploy without tags", None, streams=False)
        self._deploy("apply the tags", self.name, streams=True)
        changes = self._step(
            "plan it again", lambda: self.account.plan(self._stack, example(self.name, macro=self.name))
        )
        self._note("nothing would change", not changes, ", ".join(f"{one.action} {one.resource}" for one in changes))
        self._deploy("take the tags away", None, streams=False)

    @property
    def _stack(self) -> str:
        return f"{self.name}-example"

    def _deploy(self, step: str, macro: str | None, *, streams: bool) -> None:
        template = example(self.name, macro=macro)
        outputs = self._step(step, lambda: self.account.deploy(self._stack, template)).outputs
        with progress("Asking every route"):
            replies = {route: self._ask(outputs["Url"], route) for route in ROUTES}
        for route, reply in replies.items():
            self._note(route, is_as_expected(route, reply, streams=streams), shown(reply))

    def _ask(self, url: str, route: str) -> Reply:
        method, path = route.split()
        for _ in range(10):  # a stage serves what it served before for some seconds
            reply = self._send(method, f"{url}{path}", ROUTES[route])
            if reply.status not in (0, 403, 500, 502):
                break
            self.account.sleep(3)
        return reply

    def _send(self, method: str, url: str, body: str) -> Reply:
        try:
            return self.send(method, url, body)
        except OSError as error:
            return Reply(0, body=type(error).__name__, ending="cut")

    def _step(self, name: str, work: Callable[[], Done]) -> Done:
        try:
            with progress(name.capitalize()):
                done = work()
        except AwsError as error:
            self._note(name, False, error.message)
            raise
        self._note(name, True, "done")
        return done

    def _note(self, what: str, is_right: bool, seen: str) -> None:
        self.rows.append((what, is_right, quoted(seen)))


def is_as_expected(route: str, reply: Reply, *, streams: bool) -> bool:
    """Whole, 200, and in parts just where that can be seen and is wanted."""
    in_parts = reply.last - reply.first >= _APART
    return reply.status == 200 and reply.ending == "complete" and (route not in SLOW or in_parts == streams)


def shown(reply: Reply) -> str:
    """Of the body nothing but its times: the answers are long."""
    cut = "" if reply.ending == "complete" else ", cut off"
    return f"{reply.status}{cut}, first byte at {reply.first:.1f} s, last at {reply.last:.1f} s"


def tell(story: Story, manner: Manner) -> ExitCode:
    """Asks, tells the story, removes everything, and prints what was seen."""
    if manner.is_dry_run:
        for macro in (None, story.name):
            manner.out.print(f"# {story.name}-example\n{write(example(story.name, macro=macro))}", soft_wrap=True)
    if not is_agreed(manner, "The story", story.account, MINUTES):
        return ExitCode.OK if manner.is_dry_run else ExitCode.WOULD_FAIL
    try:
        with cleaned(story.account, story.name, manner):
            story.tell()
    except CredentialsError:
        raise
    except AwsError as error:
        manner.err.print(f"The story ended early: {error.message}. {error.remedy}".rstrip(), soft_wrap=True)
    finally:
        left = of_run(story.account, story.name)
        if not manner.is_kept:
            story.rows.append(("nothing is left", not left, ", ".join(made.name for made in left) or "all removed"))
        rows = [(what, "yes" if is_right else "**no**", seen) for what, is_right, seen in story.rows]
        print_table(manner.out, ("Step", "As expected", "Seen"), rows)
    return ExitCode.OK if all(is_right for _, is_right, _ in story.rows) else ExitCode.WOULD_FAIL
