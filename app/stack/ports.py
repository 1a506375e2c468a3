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


def choose(wanted: int | None, usual: int, taken: set[int]) -> int:
    """Choose a port and add it to `taken`.

    A wanted one is used or refused (StackError); without one, the usual if it is free, else any that is.
    """
    if wanted is not None and not is_free(wanted):
        raise StackError(N_("Port {port} is in use by another program. Choose another or leave it out."), port=wanted)
    port = wanted or (usual if usual not in taken and is_free(usual) and _claim(usual) else _any_free())
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


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
