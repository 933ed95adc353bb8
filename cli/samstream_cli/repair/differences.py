"""What else a new deployment would publish: it takes everything that was changed on the API since the last one."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from samstream.plan import DEFAULT_TIMEOUT
from samstream.uri import BUFFERED, STREAMING
from samstream_cli.repair.reading import Reading
from samstream_cli.verify.live import LiveIntegration


def differences(reading: Reading, repaired: Collection[str]) -> Iterator[str]:
    """One phrase a route; of the `repaired` ones what the repair itself doesn't change. Only routes, integrations and
    who may call them are compared: AWS doesn't tell of the rest what was deployed."""
    deployed = reading.snapshot.integrations
    for name, route in reading.routes.items():
        asked = reading.access.get(name)
        if name not in deployed:
            yield f"{name} is new"
            continue
        tidy = _without_repair if name in repaired else _as_exported
        tells_mode = reading.snapshot.tells_mode
        if tidy(route.integration, tells_mode) != tidy(deployed[name], tells_mode):
            yield f"{name} has another integration"
        if asked != reading.deployed_access.get(name, asked):
            yield f"{name} asks other things of its callers (authorization or API key)"
    for name in deployed:
        if name not in reading.routes:
            yield f"{name} is gone"


def _as_exported(found: LiveIntegration | None, tells_mode: bool) -> LiveIntegration | None:
    """Without what an export spells differently or doesn't tell. A function's URI has the mode in it."""
    return found and replace(
        found,
        mode=found.mode if tells_mode and found.type == "HTTP_PROXY" else None,
        timeout=DEFAULT_TIMEOUT if found.timeout is None else found.timeout,
        connection_type=found.connection_type or "INTERNET",
    )


def _without_repair(found: LiveIntegration | None, tells_mode: bool) -> LiveIntegration | None:
    """Without what a repair changes, either."""
    same = _as_exported(found, tells_mode)
    if same is None:
        return None
    uri = same.uri
    for after, before in zip(STREAMING, BUFFERED, strict=True):
        uri = uri.replace(f"/{after}", f"/{before}")
    return replace(same, uri=uri, mode=None, timeout=None)
