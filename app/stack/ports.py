"""Free ports on loopback."""

from __future__ import annotations

import socket

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
    port = wanted or (usual if usual not in taken and is_free(usual) else _any_free())
    taken.add(port)
    return port


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
