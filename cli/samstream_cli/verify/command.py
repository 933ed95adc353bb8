"""`samstream verify`: does the deployed stage really stream."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from samstream_cli.aws.clients import Clients, connect
from samstream_cli.errors import UsageError
from samstream_cli.options import debug_option
from samstream_cli.parameters import parse_assignments
from samstream_cli.probe_request import parse_header, parse_url
from samstream_cli.progress import progress
from samstream_cli.tables import report_console
from samstream_cli.verify.cases import RouteVerdict
from samstream_cli.verify.judging import judge_all
from samstream_cli.verify.notes import notes
from samstream_cli.verify.probes import Asking, Probed, parse_request, probe_all
from samstream_cli.verify.reads import Reader
from samstream_cli.verify.report import Verified, print_verified, to_json
from samstream_cli.verify.survey import survey
from samstream_cli.verify.wanted import read_wanted

_EPILOG: Final = """\b
Exit codes:
  0    every route that is to stream does, and each probe agrees
  1    at least one doesn't, a buffered route is broken, or a probe failed;
       with --strict also if there is a note of a rule
  2    it can't be told: a part couldn't be read, a probe was refused,
       no such stack, no credentials, wrong options
  130  interrupted
"""


@click.command(epilog=_EPILOG)
@click.argument("stack")
@click.option("--api", "apis", multiple=True, metavar="API", help="Only this API, by logical id or id; repeatable.")
@click.option("--stage", "stages", multiple=True, help="Only this stage; repeatable  [default: the template's]")
@click.option("--region", help="Where the stack is  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option("--probe", "probes", is_flag=True, help="Also call the routes; unasked by GET and HEAD alone.")
@click.option("--request", "requests", multiple=True, metavar="'POST /chat'", help="Call this too; repeatable.")
@click.option("--data", "-d", metavar="TEXT", help="The body of these requests: TEXT or @FILE.")
@click.option("--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Of all calls; repeatable.")
@click.option("--path", "paths", multiple=True, metavar="NAME=VALUE", help="A path parameter's value; repeatable.")
@click.option("--url", help="Where the stage answers: a custom domain with its base path, a private API's URL.")
@click.option("--silence", type=click.FloatRange(1, 899), metavar="SECONDS", help="Expect a silence that long.")
@click.option("--timeout", type=click.FloatRange(1, 900), default=60.0, show_default=True, help="Of one call.")
@click.option("--strict", is_flag=True, help="Let notes of rules fail, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@debug_option
def verify(  # noqa: PLR0913  # one argument an option
    *,
    stack: str,
    apis: tuple[str, ...],
    stages: tuple[str, ...],
    region: str | None,
    profile: str | None,
    probes: bool,
    requests: tuple[str, ...],
    data: str | None,
    headers: tuple[str, ...],
    paths: tuple[str, ...],
    url: str | None,
    silence: float | None,
    timeout: float,
    strict: bool,
    as_json: bool,
) -> int:
    """Say of each route of STACK whether callers really get its answer streamed.

    Compares the template with what is configured and with what each stage serves, and looks at the functions.
    It only reads. With --probe it calls the routes, too; a request that may act is sent only by --request.
    """
    asking = None
    if probes or requests:
        asking = Asking(
            url=str(parse_url(url)) if url else None,
            requests=tuple(map(parse_request, requests)),
            paths=parse_assignments(paths, "--path"),
            data=_read_data(data),
            headers=_headers(headers, data),
            silence=silence,
            timeout=timeout,
        )
    elif any((data, headers, paths, url, silence)):
        raise UsageError("these options are for calls, and none is made", "Add --probe or --request 'GET /path'.")
    clients = connect(profile)
    where = clients.regions((region,) if region else ())[0]
    verified = run(clients, where, stack, apis=apis, stages=stages, asking=asking, is_strict=strict)
    out = report_console(sys.stdout)
    if as_json:
        out.out(to_json(verified), highlight=False)
    else:
        print_verified(out, verified)
    return verified.exit_code


def run(  # noqa: PLR0913  # what the options say
    clients: Clients,
    region: str,
    stack: str,
    *,
    apis: Sequence[str] = (),
    stages: Sequence[str] = (),
    asking: Asking | None = None,
    is_strict: bool = False,
) -> Verified:
    """Everything there is to tell of a stack. Raises `UsageError`, `AwsError`."""
    reader = Reader(clients, region)
    with progress(f"Reading {stack}"):
        wanted = read_wanted(reader, stack)
        found = survey(reader, wanted, apis, stages)
    verdicts = judge_all(wanted, found)
    probes = [] if asking is None else _probes(verdicts, asking, clients, region)
    return Verified(
        stack,
        region,
        verdicts,
        notes(wanted, found, verdicts),
        tuple(reader.problems),
        probes,
        wanted.is_known,
        is_strict,
    )


def _probes(verdicts: Sequence[RouteVerdict], asking: Asking, clients: Clients, region: str) -> list[Probed]:
    endpoint = clients.of("apigateway", region).meta.endpoint_url
    suffix = endpoint.partition(f".{region}.")[2] or "amazonaws.com"
    with progress("Calling the routes"):
        return list(probe_all([one.case for one in verdicts], asking, suffix, region))


def _read_data(data: str | None) -> bytes | None:
    if data is None or not data.startswith("@"):
        return None if data is None else data.encode("utf-8", "surrogateescape")
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"{data[1:]} can't be read: {error.strerror}", "Name a file: --data @FILE") from error


def _headers(texts: Sequence[str], data: str | None) -> tuple[tuple[str, str], ...]:
    """With data and no word on its type it is JSON, as most APIs want it."""
    given = tuple(map(parse_header, texts))
    is_typed = data is None or any(name.lower() == "content-type" for name, _ in given)
    return given if is_typed else (*given, ("content-type", "application/json"))
