"""Patience with files that a spreadsheet or a sync client holds open (Windows refuses to replace those)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from modules.errors import StorageError
from modules.i18n import N_

T = TypeVar("T")

#: Pauses between tries, in seconds: 2.5 s in all. Sync clients let go within a second or two; a spreadsheet does not.
PAUSES_S: Final = (0.1, 0.2, 0.4, 0.8, 1.0)


def patiently(action: Callable[[], T], path: Path) -> T:
    """Do `action` on `path`, again after each of `PAUSES_S` while another program holds the file.

    Only PermissionError is worth waiting for: that is how Windows says that a file is open elsewhere. Raises
    StorageError with the file's name when it stays so.
    """
    for pause in PAUSES_S:
        try:
            return action()
        except PermissionError:
            time.sleep(pause)
    try:
        return action()
    except PermissionError as error:
        raise StorageError(
            N_("“{file}” is open in another program, so it was not replaced. Close it and run again."), file=path.name
        ) from error


def require_replaceable(path: Path) -> None:
    """Find what keeps a file from being replaced before any is: another program, or a folder in its place.

    Raises StorageError with its name.
    """
    if not path.exists():
        return
    if path.is_dir():
        raise StorageError(
            N_(
                "“{file}” in “{folder}” is a folder where a file belongs. Nothing was changed. Move or rename it and "
                "run again."
            ),
            file=path.name,
            folder=path.parent.name,
        )
    try:
        patiently(lambda: path.open("r+b").close(), path)
    except StorageError as error:
        raise StorageError(
            N_("“{file}” is open in another program. Nothing was changed. Close it and run again."), file=path.name
        ) from error
