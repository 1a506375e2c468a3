"""Parts that processes of Dask do in tests. In a module of their own, by which such a process finds them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from modules.errors import StorageError


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def say_where_and_wait(place: str) -> None:
    Path(place).write_text(str(os.getpid()))
    time.sleep(120)


def die(_part: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker: str) -> str:
    if not Path(marker).exists():
        Path(marker).touch()
        die(0)
    return marker


def refuse(file: str) -> None:
    """The first part fails at once, while the others take their time."""
    if file == "0":
        raise StorageError("“{file}” is open.", file=file)
    time.sleep(120)
