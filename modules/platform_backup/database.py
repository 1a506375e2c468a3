"""The database of an embedded stack: copied through SQLite's own online backup, and put back with nothing lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.atomic import move_folder, sync_folder
from modules.typed import typed

#: What SQLite keeps beside a database, and would apply to another one of the same name.
_BESIDE: Final = ("-wal", "-shm", "-journal")


def database_of(home: Path) -> Path:
    """Tell where Prefect's database of an embedded stack is."""
    return home / "data" / "prefect" / "prefect.db"


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others write to it; `target` is one file, found sound.

    https://sqlite.org/backup.html. Raises StorageError for one that cannot be read or whose copy is not sound.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=30)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        sound = is_sound(target)
    except sqlite3.Error:
        sound = False
    if not sound:
        raise StorageError(
            N_(
                "Prefect's database cannot be read, so the backup of the platform was not saved. "
                "“{command}” says more of it."
            ),
            command=typed("doctor"),
        )


def is_sound(file: Path) -> bool:
    """Tell whether a file is a database in order: every page and index of it."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error:
        return False
    return bool(said == "ok")


def put_back(fresh: Path, home: Path, now: datetime) -> Path | None:
    """Make `fresh`, a file beside it, the database of `home`; nobody may use either.

    Returns the folder to which the database that was there went, None when there was none.
    """
    target = database_of(home)
    aside = None
    if target.exists():
        aside = target.parent / f"before-restore-{now:%Y-%m-%dT%H%M%SZ}"
        aside.mkdir()
        # The journals first: without them the old database is the old one, with them a new one would be neither.
        for ending in _BESIDE:
            if (journal := target.with_name(target.name + ending)).exists():
                move_folder(journal, aside / journal.name)
        move_folder(target, aside / target.name)
    fresh.replace(target)
    sync_folder(target.parent)
    return aside
