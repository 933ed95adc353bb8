"""Templates and ways to run the command line that several tests share."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samstream.types import JsonObject
from samstream_cli.main import main

SAM = "AWS::Serverless-2016-10-31"

EXECUTABLE = Path(sys.executable).with_name("samstream")


def sam_template(*transforms: Any, **sections: Any) -> JsonObject:
    """One function with a tagged route and an untagged one, without a tag if SamStream isn't listed."""
    tag = {"Streaming": True} if "SamStream" in transforms else {}
    return {
        "Transform": list(transforms),
        "Globals": {"Api": {"EndpointConfiguration": "REGIONAL"}},
        "Resources": {
            "Chat": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Runtime": "nodejs22.x",
                    "Handler": "index.handler",
                    "CodeUri": "src/",
                    "Timeout": 29,
                    "Events": {
                        "Ask": {"Type": "Api", "Properties": {"Path": "/chat", "Method": "post", **tag}},
                        "About": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}},
                    },
                },
            }
        },
        **sections,
    }


STREAMING = sam_template("SamStream", SAM, "SamStream")


def written(folder: Path, template: JsonObject, name: str = "template.json") -> str:
    """The path of a file with this template."""
    path = folder / name
    path.write_text(json.dumps(template))
    return str(path)


@dataclass(frozen=True)
class Ran:
    """What a run of the command left."""

    code: int
    out: str
    err: str


def samstream(*arguments: str, stdin: str = "", **environment: str) -> Ran:
    """The installed command in a process of its own, no terminal, with no AWS settings but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAMSTREAM_"))}
    done = subprocess.run(
        [EXECUTABLE, *arguments],
        input=stdin,
        env={**clean, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def call(capsys: Any, *arguments: str) -> Ran:
    """The same within this process, which is quicker."""
    code = main(arguments)
    out, err = capsys.readouterr()
    return Ran(code, out, err)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
