"""`samstream package`: the macro as one template that deploys from anywhere; and what is in such a file."""

import sys
from pathlib import Path
from typing import Final

import click
from rich.text import Text

from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.options import debug_option
from samstream_cli.packaging import INLINE_LIMIT, Packaged, package_macro
from samstream_cli.packaging.contents import Contents, compare, read_contents
from samstream_cli.tables import report_console
from samstream_cli.templates import read_bytes
from samstream_cli.writing import check_target, write

STDOUT: Final = "-"
FOLDER: Final = Path("dist")

_EPILOG: Final = """\b
Exit codes:
  0    the file was written; with --show, all of it is what this version of samstream writes
  1    --show: the file or its code differs
  2    wrong options, or a file that can't be read or written
  130  interrupted
"""

_DELIVERED: Final = """\
{path} {was}.
  version  {packaged.version}
  sources  {packaged.source_hash} (SHA-256)
  size     {size:,} bytes

Deploy it with
  aws cloudformation deploy --stack-name samstream --capabilities CAPABILITY_IAM \\
    --template-file {path}{bucket}"""

_WAS: Final = {True: "is unchanged", False: "is written"}


@click.command(epilog=_EPILOG)
@click.option("--output", metavar="FILE", help="Write the template there; - prints it.  [default: dist/samstream.yaml]")
@click.option("--readable", is_flag=True, help="With plain sources, for review and S3: dist/samstream-readable.yaml.")
@click.option("--show", "shown", metavar="FILE", help="Say what is in a packaged FILE, and write none.")
@click.option("--extract", metavar="FOLDER", help="With --show: write the modules in FILE there.")
@click.option("--force", is_flag=True, help="Overwrite files.")
@debug_option
def package(*, output: str | None, readable: bool, shown: str | None, extract: str | None, force: bool) -> int:
    """Write the macro as one CloudFormation template, with its code inline.

    It has no Transform, needs no bucket and no build, and is small enough for the console, for --template-body and
    for StackSets. The same version of samstream writes the same bytes everywhere. It calls nobody.
    """
    if shown is not None:
        if output is not None or readable:
            raise UsageError("--show writes no template", "Leave --output and --readable out.")
        return _show(shown, extract, force=force)
    if extract is not None:
        raise UsageError("--extract needs the packaged file", "Name it: --show FILE --extract FOLDER")
    packaged = package_macro(readable=readable)
    if output == STDOUT:
        click.echo(packaged.text, nl=False)
    else:
        default = FOLDER / ("samstream-readable.yaml" if readable else "samstream.yaml")
        _deliver(packaged, Path(output) if output else default, force=force)
    return ExitCode.OK


def _deliver(packaged: Packaged, path: Path, *, force: bool) -> None:
    data = packaged.text.encode()
    is_same = path.is_file() and read_bytes(path) == data
    if not is_same:
        if path.parent == FOLDER:
            _make_folder(FOLDER)
        check_target(path, force=force, template=None)
        write(path, packaged.text)
    bucket = "" if len(data) < INLINE_LIMIT else " --s3-bucket BUCKET"
    click.echo(_DELIVERED.format(path=path, packaged=packaged, size=len(data), bucket=bucket, was=_WAS[is_same]))


def _show(name: str, extract: str | None, *, force: bool) -> int:
    contents = read_contents(name)
    if extract is not None:
        _extract(contents, Path(extract), force=force)
    differences = compare(contents)
    console = report_console(sys.stdout)
    form = (
        "compressed, without comments, docstrings and annotations"
        if contents.code.is_compressed
        else "as plain sources"
    )
    console.print(f"{name} holds samstream {contents.version}: {_modules(contents)}, {form}.")
    for difference in differences:
        console.print(Text.assemble(("differs: ", "yellow"), difference), soft_wrap=True)
    if not differences:
        console.print("All of it is what this installation of samstream writes, to the byte.", soft_wrap=True)
    return ExitCode.WOULD_FAIL if differences else ExitCode.OK


def _extract(contents: Contents, folder: Path, *, force: bool) -> None:
    files = {folder / path: text for path, text in contents.code.texts.items()}
    for path in files:
        if path.exists() and not force:
            raise UsageError(f"{path} exists already", "Name an empty folder, or overwrite with --force.")
    for path, text in files.items():
        _make_folder(path.parent)
        write(path, text)
    click.echo(f"Wrote {_modules(contents)} into {folder}.", err=True)


def _modules(contents: Contents) -> str:
    count = len(contents.code.texts)
    return f"{count} module{'s' * (count != 1)}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be made: {error.strerror}", "Name another folder.") from error
