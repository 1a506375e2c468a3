"""The Unix socket of the warm engine, in a folder of the home that only its owner can enter.

It stands here because the stack asks at it whether the engine is ready, and `app` and `flows` do not know each other.
Only the standard library's lightest parts are imported: the client of the engine is started for every run.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The engine stands on pidfd_open(2), prctl(2) and /proc; elsewhere runs start without it.
SUPPORTED = sys.platform == "linux"
_NAME = "socket"


def folder_in(home: str) -> str:
    """Tell the socket's folder in a home."""
    return os.path.join(home, "data", "engine")  # noqa: PTH118  (importing pathlib takes longer than all of this)


def listen(folder: str) -> socket.socket:
    """Listen in `folder`, which is made for its owner alone; takes the place of a server that died."""
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    os.chmod(folder, 0o700)  # noqa: PTH101
    listener = socket.socket(socket.AF_UNIX)
    with _short(folder) as path:
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108
        listener.bind(path)
    listener.listen()
    return listener


def connect(folder: str) -> socket.socket:
    """Connect to the server that listens in `folder`; raises OSError when there is none."""
    connection = socket.socket(socket.AF_UNIX)
    with _short(folder) as path:
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
    return connection


@contextmanager
def _short(folder: str) -> Iterator[str]:
    """Name the socket in few bytes: an address of unix(7) takes 107, and a home may be deeper than that."""
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{_NAME}"
    finally:
        os.close(opened)
