"""An archive of an installation: what goes in, in which order, and what has to be so before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from modules.errors import RequestError
from modules.i18n import N_
from modules.platform_backup import contents
from modules.platform_backup.archive import (
    GONE,
    OF_A_PLATFORM_BACKUP,
    ArchiveWriter,
    cannot_be_read,
    reading,
    writing_archive,
)
from modules.platform_backup.database import copy_database, database_of
from modules.platform_backup.settings import kept_settings
from modules.storage.atomic import remove, sweep, temporary_beside
from modules.storage.failures import explained

#: A dump is packed right after it was made. One that was left behind is not what is in the database now.
_DUMP_IS_FRESH: Final = timedelta(hours=1)
#: Whose the copies of a database beside an archive are.
_OWNER: Final = "platform-"
#: A copy is packed right after it was made. One that nobody has written to for so long is of a backup that was killed.
_ABANDONED_S: Final = 3600
#: How a file made by `pg_dump --format=custom` begins.
_DUMP_BEGINS: Final = b"PGDMP"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be saved of `home`.

    dump: what pg_dump wrote, for a composed stack; None: the database lies in the home
    operator: what an operator changed at the deployments, as JSON; None where nobody could be asked
    """

    home: Path
    installation: str
    prefect: str
    dump: Path | None = None
    operator: bytes | None = None
    logs: bool = False
    outputs: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """An archive that was written and read back: its file, its size, its members and the database in it.

    left_out: folders of products that were wanted and could not be looked into
    """

    path: Path
    bytes: int
    members: int
    database: str | None
    left_out: tuple[Path, ...] = ()


def place_for(asked: Path, home: Path, *, replace: bool, now: datetime | None = None) -> Path:
    """Tell where the archive goes: `asked`, or a file named by the moment in it where that is a folder.

    Raises RequestError where something is in the way, or the archive would end up in the next one.
    """
    moment = now or datetime.now(UTC)
    path = asked / f"tranquera-{moment:%Y-%m-%dT%H%M%SZ}.zip" if asked.is_dir() else asked
    if path.exists() and not replace:
        raise RequestError(
            N_("{file} is there already. Nothing was changed. Choose another name, or use --force."), file=str(path)
        )
    if not path.parent.is_dir():
        raise RequestError(N_("There is no folder {folder}. Nothing was changed."), folder=str(path.parent))
    if contents.is_inside(path, home):
        raise RequestError(
            N_("{file} lies in a folder that is saved itself. Nothing was changed. Choose another."), file=str(path)
        )
    return path


def save(wanted: Wanted, path: Path, now: datetime | None = None) -> Saved:
    """Write the archive of `wanted` to `path`, whole or not at all, and read it back before it gets its name.

    Raises StorageError for a disk that cannot be written to, for a file or a database that cannot be read, which it
    names; RequestError for a dump that is none.
    """
    now = now or datetime.now(UTC)
    left_out = tuple(contents.dangling_products(wanted.home)) if wanted.outputs else ()
    with _database(wanted, path, now) as database:
        member = {"sqlite": contents.DATABASE, "postgres": contents.DUMP}
        with writing_archive(
            path,
            installation=wanted.installation,
            prefect=wanted.prefect,
            database=database and database[0],
            logs=wanted.logs,
            outputs=wanted.outputs,
            made_at=now,
        ) as writer:
            if database:
                writer.add_file(member[database[0]], database[1])
            if wanted.operator is not None:
                writer.add_bytes(contents.OPERATOR, wanted.operator)
            with reading(wanted.home / ".env"):
                settings = kept_settings(wanted.home)
            writer.add_bytes(contents.SETTINGS, settings.encode())
            if (wanted.home / contents.LINKS).is_file():
                writer.add_file(contents.LINKS, wanted.home / contents.LINKS)
            _add_files(writer, wanted)
    return Saved(path, path.stat().st_size, len(writer.members), database and database[0], left_out)


@contextmanager
def _database(wanted: Wanted, path: Path, now: datetime) -> Iterator[tuple[str, Path] | None]:
    """Yield the kind and the file of the database, copied where it may be written to meanwhile.

    A copy that a power cut left beside an earlier archive is swept.
    """
    if wanted.dump is not None:
        _require_fresh_dump(wanted.dump, now)
        yield "postgres", wanted.dump
        return
    source = database_of(wanted.home)
    if not source.is_file():
        yield None
        return
    copy = temporary_beside(path.with_suffix(".db"), _OWNER)
    try:
        sweep([path.parent], _OWNER, untouched_s=_ABANDONED_S, as_far_as_can_be=True)
        with explained(sentences=OF_A_PLATFORM_BACKUP):
            copy.touch(0o600)
        copy_database(source, copy)
        yield "sqlite", copy
    finally:
        remove(copy)


def _require_fresh_dump(file: Path, now: datetime) -> None:
    """Raise RequestError where no dump was made just now, or the file is none."""
    if not file.is_file() or now.timestamp() - file.stat().st_mtime > _DUMP_IS_FRESH.total_seconds():
        raise RequestError(
            N_(
                "There is no fresh dump of the database. Nothing was saved. First: docker compose run --rm "
                "platform-dump"
            )
        )
    with explained(sentences=OF_A_PLATFORM_BACKUP), reading(file), file.open("rb") as dump:
        if dump.read(len(_DUMP_BEGINS)) != _DUMP_BEGINS:
            raise RequestError(N_("{file} is no dump of a database. Nothing was changed."), file=str(file))


def _add_files(writer: ArchiveWriter, wanted: Wanted) -> None:
    if wanted.logs:
        _add_all(writer, contents.logs_of(wanted.home))
    if wanted.outputs:
        _add_all(writer, contents.outputs_of(wanted.home))


def _add_all(writer: ArchiveWriter, files: Iterator[tuple[str, Path]]) -> None:
    for name, file in _listed(files):
        with suppress(*GONE):  # rotated or replaced meanwhile
            writer.add_file(name, file)


def _listed(files: Iterator[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """Give what is listed. Raises StorageError, naming it, for a folder that cannot be."""
    try:
        yield from files
    except OSError as error:
        raise cannot_be_read(Path(error.filename), error) from error
