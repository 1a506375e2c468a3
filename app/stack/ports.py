"""Free ports on loopback."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from modules.errors import StackError
from modules.i18n import N_

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def wanted(*asked: int | None) -> set[int]:
    """Give the ports that were asked for; raises StackError for one in use, or asked for twice."""
    ports = [port for port in asked if port is not None]
    for port in ports:
        if ports.count(port) > 1:
            raise StackError(N_("Port {port} was asked for twice. Each part needs one of its own."), port=port)
        if not is_free(port):
            raise StackError(N_("Port {port} is in use by another program. Choose another or leave it out."), port=port)
    return set(ports)


def choose(usual: int, taken: set[int]) -> int:
    """Choose the usual port if it is free and not in `taken`, else any that is; add it to `taken`."""
    port = usual if usual not in taken and is_free(usual) and _claim(usual) else _any_free(taken)
    taken.add(port)
    return port


#: Held as long as this process lives.
_claims: list[FileLock] = []


def _claim(port: int) -> bool:
    """Keep a usual port for this stack; False when another one, started a moment ago, will listen there."""
    lock = FileLock(Path(tempfile.gettempdir()) / f"tranquera-{port}.lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):  # OSError: another user's
        return False
    _claims.append(lock)
    return True


def _any_free(taken: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
