"""An archive put back into a home, checked to its last byte first: the database, and logs and outputs when asked for.

A database or file that is there is never replaced without being kept: the one is moved aside, the other copied.
"""

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
from modules.platform_backup.files import Aside, FilesPutBack, lay, put_files, require_places
from modules.storage.atomic import remove, temporary_beside
from modules.storage.failures import Sentences, explained
from modules.typed import typed

_OF_A_RESTORE: Final = Sentences(
    N_("The disk is full, so not all was put back. Free some space and run the same again with --force."),
    N_(
        "Not all could be put back. Check that the folders are there and may be written to, then run the same again "
        "with --force."
    ),
)
#: How a restore is typed with Docker; the archive is named as the container sees it.
_WITH_DOCKER: Final = "docker compose run --rm platform-restore"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of an archive is to be put back. Files only on request: those that are there may be of today."""

    database: bool = True
    logs: bool = False
    outputs: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. aside: where the database went that was there; laid: files for a person to look at.

    not_asked: words for what else is in the archive
    of_no_product: files and folders in production's root of the archive that are no product's, so they were left out
    """

    database: str | None
    files: FilesPutBack
    made_at: datetime
    aside: Path | None
    laid: tuple[Path, ...]
    not_asked: tuple[str, ...]
    of_no_product: tuple[str, ...] = ()


def restore_command(file: Path, *options: str, composed: bool) -> str:
    """Write how this archive is put back, as it is typed."""
    words = [f'"{word}"' if " " in word else word for word in (str(file), *options)]
    return " ".join([_WITH_DOCKER if composed else typed("platform restore"), *words])


def restore(
    path: Path, home: Path, *, replace: bool, dump: Path | None, asked: Asked | None = None, now: datetime | None = None
) -> Restored:
    """Put the archive `path` back into `home`, where no stack may run.

    replace: also where a database or files are already; the database is moved aside then, a file that differs copied
    dump: where the database of a composed stack is laid for pg_restore; None: this home has an embedded one

    Raises RequestError for what is no archive, is one of the other kind of installation, or where something is in the
    way; ProductionNotReady for a folder of production that may not be the real one; StorageError for one that is
    damaged and for a disk that cannot.
    """
    asked, now = asked or Asked(), now or datetime.now(UTC)
    with CheckedArchive(path) as archive:
        if asked.database:
            _require_kind(archive, path, composed=dump is not None)
        wanted = _asked_files(archive, asked)
        names = [name for name in wanted if not contents.of_no_product(name)]
        without_place = {"/".join(name.split("/")[:2]) for name in wanted if contents.of_no_product(name)}
        if not replace:
            _require_empty(archive, home, asked)
        require_places(names, home, composed=dump is not None)
        with explained(sentences=_OF_A_RESTORE):
            kept = Aside(home, now)
            aside = _restore_database(archive, home, dump, now) if asked.database else None
            laid = tuple(
                lay(archive, name, home, kept)
                for name in (contents.SETTINGS, contents.LINKS, contents.OPERATOR)
                if _has(archive, name)
            )
            files = put_files(archive, names, home, kept)
        database = archive.manifest.database if asked.database else None
        return Restored(
            database,
            files,
            archive.manifest.made_at,
            aside,
            laid,
            _not_asked(archive, asked),
            tuple(sorted(without_place)),
        )


def _has(archive: CheckedArchive, name: str) -> bool:
    return name in archive.manifest.members


def _require_kind(archive: CheckedArchive, path: Path, *, composed: bool) -> None:
    kind = archive.manifest.database
    if kind is not None and (kind == "postgres") != composed:
        raise RequestError(
            N_(
                "The database in this backup is of the other kind of installation ({kind}). Nothing was changed. "
                "What an operator changed can be put back into a running one: {command}"
            ),
            kind="docker compose" if kind == "postgres" else "tranquera up",
            command=restore_command(path, "--operator", composed=composed),
        )


def _folders(*, logs: bool, outputs: bool) -> tuple[str, ...]:
    return (contents.LOGS,) * logs + contents.root_names() * outputs


def _asked_files(archive: CheckedArchive, asked: Asked) -> list[str]:
    """List the members that are asked for. Raises RequestError where they were never saved."""
    manifest = archive.manifest
    for wanted, saved, option in (
        (asked.logs, manifest.logs, "--logs"),
        (asked.outputs, manifest.outputs, "--outputs"),
    ):
        if wanted and not saved:
            raise RequestError(
                N_("This backup was taken without {option}. Nothing was changed. Run again without it."), option=option
            )
    return contents.members_in(manifest.members, _folders(logs=asked.logs, outputs=asked.outputs))


def _not_asked(archive: CheckedArchive, asked: Asked) -> tuple[str, ...]:
    members = archive.manifest.members
    logs = not asked.logs and contents.members_in(members, _folders(logs=True, outputs=False))
    outputs = not asked.outputs and contents.members_in(members, _folders(logs=False, outputs=True))
    return ("--logs",) * bool(logs) + ("--outputs",) * bool(outputs)


def _require_empty(archive: CheckedArchive, home: Path, asked: Asked) -> None:
    """Raise RequestError with the first thing that is in the way. PostgreSQL is asked by who puts the dump back."""
    embedded = asked.database and archive.manifest.database == "sqlite"
    there = database_of(home) if embedded and database_of(home).exists() else None
    there = there or contents.first_of(home, _folders(logs=asked.logs, outputs=asked.outputs))
    if there is not None:
        raise RequestError(
            N_(
                "This installation is not empty: there is {file}. Nothing was changed. Restore into an empty one, or "
                "use --force: the database that is there is kept aside then, and so is each file that differs."
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
