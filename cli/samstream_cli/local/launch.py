"""How a function is started here: from what its template says to commands, a folder and an environment."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import SamstreamError
from . import adapter, environments, nodejs

INIT_TIMEOUT = 10.0
"""Lambda's own: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib"""

ADAPTER_LAYER = ":layer:LambdaAdapterLayer"
ADAPTER_WRAPPER = "/opt/bootstrap"
ADAPTER_PORTS = ("AWS_LWA_PORT", "PORT")

CREDENTIALS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME"),
)
"""What of the user's shell an SDK finds credentials by."""

Progress = Callable[[str], None]


class FunctionUnusable(SamstreamError):
    """A function that can't run on this machine."""


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """What a template says about a function, resolved."""

    name: str
    folder: Path
    handler: str
    runtime: str
    timeout: float
    memory: int
    variables: Mapping[str, str] = field(repr=False)
    layers: Sequence[str] = ()
    package: Literal["Zip", "Image"] = "Zip"
    arn: str = "arn:aws:lambda:us-east-1:123456789012:function:local"

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def uses_adapter(self) -> bool:
        """https://github.com/awslabs/aws-lambda-web-adapter#lambda-functions-packaged-as-zip-package-for-aws-managed-runtimes"""
        layer = any(ADAPTER_LAYER in arn for arn in self.layers)
        return layer or self.variables.get("AWS_LAMBDA_EXEC_WRAPPER") == ADAPTER_WRAPPER


@dataclass(frozen=True, slots=True)
class Launch:
    """The commands of one execution environment: it ends when one of them does. `notes` are for the user.

    A web app behind the adapter listens on `port`; where that is taken, it gets another one in PORT and AWS_LWA_PORT.
    """

    commands: tuple[tuple[str, ...], ...]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None
    notes: tuple[str, ...] = ()
    init_timeout: float = INIT_TIMEOUT


async def prepare(
    spec: FunctionSpec,
    *,
    adapter_path: Path | None = None,
    pass_credentials: bool = False,
    shell: Mapping[str, str] = os.environ,
    progress: Progress = lambda _: None,
) -> Launch:
    """What starts the function, once its requirements are installed. Raises `SamstreamError` where nothing can."""
    folder = spec.folder.resolve()
    if spec.package == "Image":
        raise unusable(spec, "is a container image", "Serve it by itself, or give it a runtime and PackageType: Zip.")
    if folder.is_file():
        raise unusable(spec, f"has a file as its code, {folder}", "Unpack it, and point CodeUri at the folder.")
    if not folder.is_dir():
        raise unusable(spec, f"has no folder {folder}", "Correct its CodeUri, or run `sam build` first.")
    interpreter = await _interpreter(spec, folder, shell, progress)
    environment = _environment(spec, folder, shell, interpreter.folder, pass_credentials)
    notes = (*interpreter.notes, *_layer_notes(spec))
    if spec.uses_adapter:
        app = _command_of_app(spec, folder)
        found = adapter.find(adapter_path, shell)
        port = _port(spec)
        return Launch((found.command, app), folder, environment, port, (*notes, found.note))
    return Launch((interpreter.command or _bootstrap(spec, folder),), folder, environment, None, notes)


def unusable(spec: FunctionSpec, what: str, remedy: str) -> FunctionUnusable:
    return FunctionUnusable(f"Function {spec.name} {what}, so it can't run here", remedy)


class _Interpreter(NamedTuple):
    """What runs a function's code: a command, and for an app behind the adapter the folder to be first on PATH."""

    command: tuple[str, ...] = ()
    folder: Path | None = None
    notes: tuple[str, ...] = ()


async def _interpreter(spec: FunctionSpec, folder: Path, shell: Mapping[str, str], progress: Progress) -> _Interpreter:
    if spec.runtime.startswith("python"):
        return await _python(spec, folder, shell, progress)
    if spec.runtime.startswith("nodejs"):
        try:
            return await _node(spec, folder, shell)
        except nodejs.Unusable as error:
            raise unusable(spec, error.what, error.remedy) from error
    return _Interpreter()


async def _python(spec: FunctionSpec, folder: Path, shell: Mapping[str, str], progress: Progress) -> _Interpreter:
    """The Python of the function's own virtual environment."""
    chosen, version = await environments.interpreter(spec.runtime, shell)
    extras = () if spec.uses_adapter else ("awslambdaric",)
    wanted = environments.Wanted(folder / "requirements.txt", chosen, version, extras)
    python = await environments.ensure(wanted, environments.cache_folder(shell), shell, progress)
    command = (str(python), "-m", "awslambdaric", spec.handler)
    is_own = f"python{version}" == spec.runtime
    notes = () if is_own else (f"{spec.runtime} isn't on PATH, so Python {version} runs it.",)
    return _Interpreter(command, python.parent, notes)


async def _node(spec: FunctionSpec, folder: Path, shell: Mapping[str, str]) -> _Interpreter:
    """An app behind the adapter needs no runtime client, and may bring a Node.js of its own."""
    nodejs.check_dependencies(folder)
    if not spec.uses_adapter:
        nodejs.check_handler(folder, spec.handler)
    node = await nodejs.find_node(spec.runtime, folder, shell)
    if node is None:
        if spec.uses_adapter:
            return _Interpreter()
        raise nodejs.needs_node(spec.runtime)
    command: tuple[str, ...] = ()
    if not spec.uses_adapter:
        client = nodejs.find_client(spec.runtime, folder, shell)
        command = (str(node.path), *nodejs.flags(spec.runtime, node, spec.variables), str(client), spec.handler)
    is_own = spec.runtime == f"nodejs{node.major}.x"
    notes = () if is_own else (f"{spec.runtime} isn't on PATH, so Node.js {node.version} runs it.",)
    return _Interpreter(command, None if node.is_on_path else node.path.parent, notes)


def _bootstrap(spec: FunctionSpec, folder: Path) -> tuple[str, ...]:
    """The command of a runtime that brings its own client."""
    if not spec.runtime.startswith("provided"):
        remedy = "Runtimes that do: python*, nodejs*, provided*, and any with the Lambda Web Adapter."
        raise unusable(spec, f"has the runtime {spec.runtime or '(none)'}, which isn't supported", remedy)
    bootstrap = folder / "bootstrap"
    if not os.access(bootstrap, os.X_OK):
        raise unusable(spec, f"needs an executable {bootstrap}", "Build it for this machine, e.g. with `sam build`.")
    return (str(bootstrap),)


def _command_of_app(spec: FunctionSpec, folder: Path) -> tuple[str, ...]:
    """What the adapter's /opt/bootstrap runs: ${LAMBDA_TASK_ROOT}/${_HANDLER}."""
    script = folder / spec.handler
    if not script.is_file():
        raise unusable(
            spec, f"has no {script}, its Handler", "With the Lambda Web Adapter, Handler is a script to run."
        )
    if not os.access(script, os.X_OK):
        raise unusable(spec, f"can't run {script}, its Handler", f"Make it executable: `chmod +x {script}`.")
    return (str(script),)


def _port(spec: FunctionSpec) -> int:
    declared = next((spec.variables[name] for name in ADAPTER_PORTS if name in spec.variables), "8080")
    if not re.fullmatch(r"\d{1,5}", declared) or not 0 < int(declared) < 65536:
        raise unusable(spec, "gives AWS_LWA_PORT or PORT that is no port", "Use a number from 1 to 65535.")
    return int(declared)


def _layer_notes(spec: FunctionSpec) -> tuple[str, ...]:
    missing = [layer for layer in spec.layers if ADAPTER_LAYER not in layer]
    told = "can't be fetched here; put what it brings into the function's folder or its requirements.txt."
    return tuple(f"The layer {layer} {told}" for layer in missing)


def _environment(
    spec: FunctionSpec, folder: Path, shell: Mapping[str, str], first: Path | None, pass_credentials: bool
) -> dict[str, str]:
    """Lambda's variables, the template's, and of the user's shell nothing but PATH, and credentials where wished.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    path = shell.get("PATH", os.defpath)
    if pass_credentials:
        credentials = {name: shell[name] for name in CREDENTIALS if name in shell}
    else:  # Without these an SDK finds the files in the user's home, whatever the environment says.
        credentials = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {
        "_HANDLER": spec.handler,
        "AWS_DEFAULT_REGION": spec.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": spec.region,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": f"{folder}{os.pathsep}{folder / 'lib'}",
        "PATH": f"{first}{os.pathsep}{path}" if first else path,
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
        **credentials,
        **spec.variables,
    }
