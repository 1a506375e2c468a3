"""Several files that replace those of before together: all are written before the first one takes its place."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.atomic import remove, sync_files, sync_folder, temporary_beside
from modules.storage.retries import patiently

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def replace_files(
    writers: Mapping[Path, Callable[[Path], None]],
    *,
    owner: str,
    failures: tuple[type[Exception], ...] = (),
    on_file: Callable[[], None] = lambda: None,
) -> None:
    """Make each path hold what its function writes to a path it is given; all of them or, but for a crash, none.

    owner: marks temporaries, for `modules.storage.atomic.sweep`; failures: what the writing libraries raise besides
    OSError; on_file: told after each file that is written
    Raises StorageError for what cannot be written, with nothing changed, and for a file that is open elsewhere.
    """
    temporaries = {path: temporary_beside(path, owner) for path in writers}
    try:
        for path, write in writers.items():
            write(temporaries[path])
            on_file()
        sync_files(temporaries.values())
        for path in writers:
            _require_replaceable(path)
        for path, temporary in temporaries.items():
            patiently(lambda: temporary.replace(path), path)  # noqa: B023  (done before the next turn)
        for folder in {path.parent for path in writers}:
            sync_folder(folder)
    except Exception as error:
        if isinstance(error, (OSError, *failures)):
            raise _failure(error) from error
        raise
    finally:
        for temporary in temporaries.values():
            with suppress(OSError, StorageError):
                remove(temporary)


def _require_replaceable(path: Path) -> None:
    """Find a file that a spreadsheet or a GIS keeps open (on Windows) before any is replaced."""
    if path.exists():
        patiently(lambda: path.open("r+b").close(), path)


def _failure(error: Exception) -> StorageError:
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageError(
            N_("The disk is full. No file was replaced, all are as they were. Free some space and run again.")
        )
    return StorageError(
        N_(
            "The files could not be written; those of before are as they were. Check that the disk has room and that "
            "its folders are connected, then run again."
        )
    )
