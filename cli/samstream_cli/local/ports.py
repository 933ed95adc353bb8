"""Ports for web apps, each in use once. On Lambda every environment has its own network, here all share one."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_HOST: Final = "127.0.0.1"
_LISTENS: Final = "0A"
"""A state of a socket, https://docs.kernel.org/networking/proc_net_tcp.html"""


class Ports:
    """Ports that no other session on this machine takes as long as they aren't given back.

    An app gets its port a moment after it was found free. So that nobody else finds it free meanwhile, the UDP port of
    the same number is kept, which web apps don't need, and which the kernel lets go of however the session ends.
    """

    def __init__(self) -> None:
        self._kept: dict[int, socket.socket] = {}

    def take(self, wished: int) -> int:
        """The wished one where it is free, so that one environment of an app that insists on it works."""
        kept = _keep(wished)
        while kept is None:
            kept = _keep(0)
        port = int(kept.getsockname()[1])
        self._kept[port] = kept
        return port

    def give_back(self, port: int) -> None:
        if kept := self._kept.pop(port, None):
            kept.close()


def _keep(port: int) -> socket.socket | None:
    """What keeps the port, or any for 0; None where somebody has it."""
    kept = socket.socket(type=socket.SOCK_DGRAM)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
            kept.bind(probe.getsockname())
        except OSError:
            kept.close()
            return None
    return kept


def is_strangers(port: int, group: int, mark: str) -> bool:
    """Whether all that listens on the port is outside a process group, and without the mark in its environment, by
    which a process is known that left the group. False where the kernel doesn't tell, as on macOS."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    return bool(sockets) and not any(_has_one(pid, sockets) for pid in _processes(group, mark.encode()))


def _listening(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _processes(group: int, mark: bytes) -> Iterator[int]:
    """Those of the group first: they are found sooner."""
    others = []
    for pid in (int(path.name) for path in Path("/proc").glob("[0-9]*")):
        with suppress(OSError):
            if os.getpgid(pid) == group:
                yield pid
            else:
                others.append(pid)
    for pid in others:
        with suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes():
                yield pid


def _has_one(pid: int, sockets: set[str]) -> bool:
    for path in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            if str(path.readlink()) in sockets:
                return True
    return False
