"""An archive put back into a home: checked to its last byte first, and nothing that was there is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.platform_backup import contents
from modules.platform_backup.archive import CheckedArchive
from modules.platform_backup.database import database_of, is_sound, put_back
from modules.storage.atomic import remove, temporary_beside
from modules.storage.failures import Sentences, explained

_OF_A_RESTORE: Final = Sentences(
    N_("The disk is full, so not all was put back. Free some space and run the same again with --force."),
    N_(
        "Not all could be put back. Check that the folders are there and may be written to, then run the same again "
        "with --force."
    ),
)
#: Where settings and what an operator changed are laid, in a home: they are for a person to look at.
LAID: Final = Path("data", "restored")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. aside: where the database went that was there; laid: files for a person to look at."""

    database: str | None
    files: int
    made_at: datetime
    aside: Path | None
    laid: tuple[Path, ...]


def restore(path: Path, home: Path, *, replace: bool, dump: Path | None, now: datetime | None = None) -> Restored:
    """Put the archive `path` back into `home`, where no stack may run.

    replace: also where a database or files are already; the database is moved aside then
    dump: where the database of a composed stack is laid for pg_restore; None: this home has an embedded one

    Raises RequestError for what is no archive, is one of the other kind of installation, or where something is in the
    way; StorageError for one that is damaged and for a disk that cannot.
    """
    with CheckedArchive(path) as archive:
        _require_kind(archive, composed=dump is not None)
        if not replace:
            _require_empty(archive, home)
        with explained(sentences=_OF_A_RESTORE):
            aside = _restore_database(archive, home, dump, now or datetime.now(UTC))
            laid = tuple(
                _lay(archive, name, home)
                for name in (contents.SETTINGS, contents.LINKS, contents.OPERATOR)
                if _has(archive, name)
            )
            files = _restore_files(archive, home)
        return Restored(archive.manifest.database, files, archive.manifest.made_at, aside, laid)


def _has(archive: CheckedArchive, name: str) -> bool:
    return name in archive.manifest.members


def _require_kind(archive: CheckedArchive, *, composed: bool) -> None:
    kind = archive.manifest.database
    if kind is not None and (kind == "postgres") != composed:
        raise RequestError(
            N_(
                "The database in this backup is of the other kind of installation ({kind}). Nothing was changed. "
                "What an operator changed can be put back into a running one: tranquera platform restore --operator."
            ),
            kind="docker compose" if kind == "postgres" else "tranquera up",
        )


def _require_empty(archive: CheckedArchive, home: Path) -> None:
    """Raise RequestError with the first thing that is in the way. PostgreSQL is asked by who puts the dump back."""
    manifest = archive.manifest
    folders = (contents.LOGS,) * manifest.logs + contents.root_names() * manifest.outputs
    there = database_of(home) if manifest.database == "sqlite" and database_of(home).exists() else None
    there = there or contents.first_of(home, folders)
    if there is not None:
        raise RequestError(
            N_(
                "This installation is not empty: there is {file}. Nothing was changed. Restore into an empty one, or "
                "use --force: files of the same name are replaced then, and the database that is there is kept aside."
            ),
            file=str(there),
        )


def _restore_database(archive: CheckedArchive, home: Path, dump: Path | None, now: datetime) -> Path | None:
    if _has(archive, contents.DUMP) and dump is not None:
        archive.extract(contents.DUMP, dump)
        return None
    if not _has(archive, contents.DATABASE):
        return None
    fresh = temporary_beside(database_of(home))
    try:
        archive.extract(contents.DATABASE, fresh)
        if not is_sound(fresh):
            raise StorageError(
                N_("The database in this backup is not sound. Nothing was changed. Take another backup.")
            )
        return put_back(fresh, home, now)
    finally:
        remove(fresh)


def _lay(archive: CheckedArchive, name: str, home: Path) -> Path:
    target = home / LAID / name
    archive.extract(name, target)
    return target


def _restore_files(archive: CheckedArchive, home: Path) -> int:
    count = 0
    for name in archive.manifest.members:
        place = contents.place_of(name, home)
        if place is not None:
            archive.extract(name, place)
            count += 1
    return count
