"""Which of several containers of one service this is: its number.

With `--scale prefect-worker=3` the containers are alike. Each takes the lowest number that no other holds, by a lock in
the service's folder of logs, so that names of workers and of log files stay the same from one start to the next.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_MOST: Final = 100
#: Held as long as this process lives.
_held: list[FileLock] = []
#: Where the health check of the same container finds the number.
_NOTE: Final = Path(os.environ.get("TMPDIR", "/tmp")) / "tranquera-slot"  # noqa: S108


def take_slot(folder: Path) -> int:
    """Take the lowest free number of `folder`; where locks cannot be had it is 1, and two may share it."""
    slot = _lowest_free(folder)
    _NOTE.write_text(str(slot), encoding="utf-8")
    return slot


def taken_slot() -> int:
    """Tell the number that this container took."""
    return int(_NOTE.read_text(encoding="utf-8"))


def _lowest_free(folder: Path) -> int:
    for slot in range(1, _MOST):
        lock = FileLock(folder / f".{slot}.lock")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            continue
        except (OSError, NotImplementedError):
            break
        _held.append(lock)
        return slot
    return 1
