"""One writer at a time. The lock belongs to the process: when it dies, the system lets go of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.failures import storage_failure

#: What to say when another holds the lock of a backup.
BACKUP_RUNS: Final = N_("Another backup of the same fields is running. Nothing was changed. Wait until it has ended.")


@contextmanager
def writer_lock(path: Path, busy: str = BACKUP_RUNS) -> Iterator[None]:
    """Hold the lock file `path` inside the block. Raises StorageError, saying `busy`, at once when another holds it.

    The file itself stays: removing it would let two waiting processes lock two different files of that name.
    """
    from filelock import FileLock, Timeout  # slow to import, and readers of what is stored never lock

    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StorageError(busy) from error
    except OSError as error:
        raise storage_failure(error) from error
    try:
        yield
    finally:
        lock.release()
