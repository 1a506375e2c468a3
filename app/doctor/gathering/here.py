"""What this machine, or this container, tells: its files, its clock, its packages."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.doctor.asking import TooSlow, Unreadable
from app.doctor.facts import Clock, Database, Disk, Filling, FolderState, Growth, Passwords, Production, Row, Versions
from app.services.passwords import read_note
from app.stack.parts import deploy_command
from modules.environments import Environment
from modules.errors import StackError
from modules.i18n import N_
from modules.i18n.zone import BUENOS_AIRES
from modules.settings import PROJECT
from modules.storage.links.check import FolderCheck, check_links
from modules.storage.links.table import read_table
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from modules.storage.written import folders_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modules.settings import Settings

TABLE_PATIENCE_S: Final = 10.0
_DAYS: Final = 30
_DAY_S: Final = 86400
#: A little less than a question has: what was counted until then is told.
_COUNTING_S: Final = 4.0
_LOOKING_S: Final = 3.0
_STEPS_BETWEEN_LOOKS: Final = 100_000
_LINE_CHARACTERS: Final = 300
_PACKAGES: Final = ("prefect", "prefect-redis", "streamlit", "geopandas", "pyogrio", "pyarrow")


def ask_versions() -> Versions:
    """Tell what is installed in this environment."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return Versions(platform.python_version(), found)


def ask_database(home: Path) -> Database | None:
    """Look through the database of an embedded stack, whether it runs or not; None where there is none yet.

    Raises Unreadable for a file that SQLite cannot open or read.
    """
    file = home / "data" / "prefect" / "prefect.db"
    if not file.is_file():
        return None
    size = sum(each.stat().st_size for each in (file, file.with_name(f"{file.name}-wal")) if each.is_file())
    until = time.monotonic() + _LOOKING_S
    try:
        return Database(size, _sound(file, until))
    except sqlite3.OperationalError as error:
        raise Unreadable(file, str(error)) from error


def _sound(file: Path, until: float) -> bool | None:
    """Look through a database until then (monotonic); None where that was too soon, or somebody has it locked."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=1)) as database:
        database.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
        try:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:  # interrupted by us, or locked
            if error.sqlite_errorcode in {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY}:
                return None
            raise
        except sqlite3.DatabaseError:
            return False
    return bool(said == "ok")


def ask_table(settings: Settings) -> list[Row]:
    """Ask `python -m flows.deployments` for the table, a process of its own.

    Raises StackError for a table that cannot be read, TooSlow where it takes too long, OSError where nothing starts.
    """
    path = os.pathsep.join([str(PROJECT), *filter(None, [settings.module_paths])])
    try:
        done = subprocess.run(
            [*deploy_command(), "--json"],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TABLE_PATIENCE_S - 1,
            check=True,
        )
        names = [field.name for field in fields(Row)]
        return [Row(**{name: row[name] for name in names}) for row in json.loads(done.stdout)]
    except subprocess.CalledProcessError as error:
        why = (error.stderr.strip().splitlines() or [""])[-1][:_LINE_CHARACTERS]
    except subprocess.TimeoutExpired as error:
        raise TooSlow(error.timeout) from error
    except (ValueError, LookupError, TypeError) as error:
        why = type(error).__name__
    raise StackError(N_("The table in flows/deployments.py cannot be read: “{why}”. Correct the file."), why=why)


def ask_disks(home: Path) -> list[Disk]:
    """Tell the room of each file system that holds folders of this home, the one with the least first."""
    by_device: dict[int, list[Path]] = {}
    for place in folders_written(home) or [home]:
        by_device.setdefault(place.stat().st_dev, []).append(place)
    disks = []
    for shared in by_device.values():
        usage = shutil.disk_usage(shared[0])
        disks.append(Disk([_named(place, home) for place in shared], usage.free, usage.total))
    return sorted(disks, key=lambda disk: disk.free)


def _named(place: Path, home: Path) -> str:
    return place.relative_to(home).as_posix() if place != home else home.name


def ask_growth(home: Path, now: datetime | None = None) -> Growth:
    """Count the snapshots of both environments: they alone are never replaced, so what is new of them is growth."""
    until = time.monotonic() + _COUNTING_S
    moment = (now or datetime.now(UTC)).timestamp()
    total, oldest, complete = 0, moment, True
    recent = dict.fromkeys(Environment, 0)
    for environment in Environment:
        for entry in _files(_snapshots(home, environment)):
            if time.monotonic() > until:
                complete = False
                break
            status = entry.stat(follow_symlinks=False)
            total += status.st_size
            if moment - status.st_mtime <= _DAYS * _DAY_S:
                recent[environment] += status.st_size
                oldest = min(oldest, status.st_mtime)
    return Growth(total, sum(recent.values()), _days(moment, oldest), complete, _fillings(home, recent))


def _snapshots(home: Path, environment: Environment) -> Path:
    return root_of(home, environment) / Folder.SNAPSHOTS


def _fillings(home: Path, recent: Mapping[Environment, int]) -> list[Filling]:
    """Tell which file systems the snapshots of both environments are on; a folder that is not there is on none."""
    by_device: dict[int, list[Environment]] = {}
    for environment in recent:
        with suppress(FileNotFoundError):
            by_device.setdefault(_snapshots(home, environment).stat().st_dev, []).append(environment)
    fillings = []
    for shared in by_device.values():
        folders = [_snapshots(home, environment) for environment in shared]
        free = shutil.disk_usage(folders[0]).free
        fillings.append(
            Filling([_named(folder, home) for folder in folders], sum(recent[each] for each in shared), free)
        )
    return fillings


def _days(now: float, oldest: float) -> float:
    return max(0.0, (now - oldest) / _DAY_S)


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting: list[str | Path] = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry
        except FileNotFoundError:
            continue  # not made yet, or thrown away meanwhile


def ask_production(home: Path) -> Production:
    """Tell how each folder of production is."""
    return Production({folder: _state(root_of(home, Environment.PRODUCTION) / folder) for folder in Folder})


def _state(folder: Path) -> FolderState:
    if (folder / SENTINEL).is_file():
        return FolderState.READY
    if folder.is_dir():
        return FolderState.UNMARKED
    return FolderState.DANGLING if folder.is_symlink() else FolderState.MISSING


def ask_links(home: Path) -> list[FolderCheck] | None:
    """Look at the links to the real folders of production; None where none were ever set up. Raises TranqueraError."""
    table = read_table(home)
    return None if table is None else check_links(home, table)


def ask_clock(settings: Settings) -> Clock:
    """Compare this machine's zone with the company's, and its clock with the portal's where one is configured."""
    now = datetime.now(UTC)
    here, expected = now.astimezone().utcoffset(), now.astimezone(BUENOS_AIRES).utcoffset()
    return Clock(
        here.total_seconds() if here else 0.0,
        expected.total_seconds() if expected else 0.0,
        None if settings.demo_portal or not settings.portal.url else _portal_ahead_s(settings.portal.url),
    )


def _portal_ahead_s(url: str) -> float | None:
    import httpx

    from app.doctor.gathering.prefect import ahead_s

    try:
        return ahead_s(httpx.head(url, timeout=3).headers)  # whatever its status, an answer is dated
    except (httpx.HTTPError, httpx.InvalidURL):
        return None  # the portal's own finding says so


def ask_passwords(home: Path) -> Passwords:
    """Tell which passwords are the ones that everybody knows; what they are is not known here."""
    note = read_note(home)
    return Passwords(None, in_file=False) if note is None else Passwords(note.known, note.in_file)
