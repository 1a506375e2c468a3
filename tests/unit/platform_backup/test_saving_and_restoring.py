"""A home saved and put back: into an empty one, not over another unless told, and nothing is lost then either."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.stack.home import PartState, StackHome, StackState
from modules.environments import Environment
from modules.errors import RequestError, StorageError
from modules.i18n import use_language
from modules.platform_backup import saving
from modules.platform_backup.archive import CheckedArchive, writing_archive
from modules.platform_backup.database import copy_database, database_of
from modules.platform_backup.restoring import Asked, restore
from modules.platform_backup.saving import Wanted, place_for, save
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.conftest import run_command

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALL = Asked(logs=True, outputs=True)


def database_in(home: Path, rows: int = 3) -> Path:
    file = database_of(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE run (id INTEGER)")
        database.executemany("INSERT INTO run VALUES (?)", [(n,) for n in range(rows)])
    return file


def rows_in(home: Path) -> int:
    with closing(sqlite3.connect(database_of(home))) as database:
        (count,) = database.execute("SELECT count(*) FROM run").fetchone()
    return int(count)


def full_home(folder: Path) -> Path:
    home = folder / "home"
    database_in(home)
    (home / ".env").write_text("TRANQUERA_LANGUAGE=en\n")
    (home / "links.toml").write_text("system = 'posix'\n")
    (home / "logs").mkdir()
    (home / "logs" / "dashboard.log").write_text("line\n")
    (home / "logs" / ".1.lock").touch()
    snapshot = root_of(home, Environment.TEST) / Folder.SNAPSHOTS / "25-26" / "2026_a" / "lotes.parquet"
    snapshot.parent.mkdir(parents=True)
    snapshot.write_bytes(b"PAR1")
    return home


def wanted(home: Path, **more: object) -> Wanted:
    return Wanted(home, "embedded", "3.9.1", **{"logs": True, "outputs": True, "operator": b"[]", **more})  # type: ignore[arg-type]


def members(path: Path) -> set[str]:
    with CheckedArchive(path) as archive:
        return set(archive.manifest.members)


def test_a_home_goes_in_and_comes_out_in_an_empty_one(tmp_path: Path):
    home, path, empty = full_home(tmp_path), tmp_path / "x.zip", tmp_path / "empty"
    saved = save(wanted(home), path, NOW)
    assert saved.database == "sqlite"
    assert members(path) == {
        "database/prefect.db", "operator.json", "settings.env", "links.toml", "logs/dashboard.log",
        "test_outputs/Backup_Databaler/25-26/2026_a/lotes.parquet",
    }  # fmt: skip
    empty.mkdir()
    restored = restore(path, empty, replace=False, dump=None, asked=ALL)
    assert (restored.files.written, restored.aside, restored.made_at) == (2, None, NOW)
    assert (restored.not_asked, restored.files.aside) == ((), None)
    assert rows_in(empty) == 3
    assert (empty / "logs" / "dashboard.log").read_text() == "line\n"
    assert (empty / "data" / "restored" / "settings.env").read_text().endswith("TRANQUERA_LANGUAGE=en\n")
    assert (empty / "data" / "restored" / "links.toml").is_file()
    assert not (empty / ".env").exists()
    assert not (empty / "links.toml").exists()
    assert not list(empty.rglob(".tmp-*"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["empty", "home", "x.zip"]


def test_without_being_asked_logs_and_outputs_stay_out(tmp_path: Path):
    save(wanted(full_home(tmp_path), logs=False, outputs=False), tmp_path / "x.zip")
    assert members(tmp_path / "x.zip") == {"database/prefect.db", "operator.json", "settings.env", "links.toml"}


def test_a_product_that_is_a_link_is_followed_and_its_mark_stays_behind(tmp_path: Path):
    home, elsewhere = full_home(tmp_path), tmp_path / "OneDrive"
    elsewhere.mkdir()
    (elsewhere / "grid.kmz").write_bytes(b"PK")
    (elsewhere / "out").symlink_to(tmp_path)
    root = root_of(home, Environment.PRODUCTION)
    root.mkdir()
    (root / Folder.H3).symlink_to(elsewhere)
    mark_production(home, Folder.H3)
    save(wanted(home, logs=False), tmp_path / "x.zip")
    inside = {name for name in members(tmp_path / "x.zip") if name.startswith("outputs/")}
    assert inside == {"outputs/H3/grid.kmz"}
    assert (elsewhere / SENTINEL).is_file()


def test_a_product_that_leads_nowhere_is_named_and_the_rest_is_saved(tmp_path: Path):
    home, path = full_home(tmp_path), tmp_path / "x.zip"
    root = root_of(home, Environment.PRODUCTION)
    root.mkdir()
    (root / Folder.CROPS).symlink_to(r"C:\Campo\cultivos")
    without = run_command("platform", "backup", str(tmp_path / "y.zip"), "--home", str(home))
    assert without.returncode == 0, without.stderr
    saved = run_command("platform", "backup", str(path), "--outputs", "--home", str(home), TRANQUERA_LANGUAGE="en")
    assert saved.returncode == 1
    assert f"{root / Folder.CROPS} leads nowhere" in saved.stderr
    assert "test_outputs/Backup_Databaler/25-26/2026_a/lotes.parquet" in members(path)


def test_the_copy_is_of_one_moment_while_others_write(tmp_path: Path):
    """Each transaction adds two rows: a copy with an odd number would be of no moment."""
    file = database_in(tmp_path, rows=2000)
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=30)) as database:
            while not stop.is_set():
                with database:
                    database.execute("INSERT INTO run VALUES (1)")
                    database.execute("INSERT INTO run VALUES (2)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            copy_database(file, tmp_path / f"{n}.db")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        with closing(sqlite3.connect(tmp_path / f"{n}.db")) as copy:
            (count,) = copy.execute("SELECT count(*) FROM run").fetchone()
        assert count >= 2000
        assert count % 2 == 0
        assert not (tmp_path / f"{n}.db-wal").exists()


def test_a_damaged_database_is_not_saved(tmp_path: Path):
    home = full_home(tmp_path)
    database_of(home).write_bytes(b"x" * 9000)
    with pytest.raises(StorageError):
        save(wanted(home), tmp_path / "x.zip")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home"]


def test_a_copy_that_a_power_cut_left_is_swept_and_one_that_is_being_written_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home, archives = full_home(tmp_path), tmp_path / "archives"
    archives.mkdir()

    def cut(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(saving, "copy_database", cut)
        power.setattr(saving, "remove", lambda _path: None)
        with pytest.raises(KeyboardInterrupt):
            save(wanted(home), archives / "x.zip")
    (left,) = archives.iterdir()
    being_written, of_another = archives / f"{left.stem}1.db", archives / ".tmp-0123abcd.db"
    being_written.write_bytes(b"SQLite")
    of_another.touch()
    for old in (left, of_another):
        os.utime(old, (time.time() - 2 * 86400,) * 2)
    save(wanted(home), archives / "x.zip")
    assert set(archives.iterdir()) == {archives / "x.zip", being_written, of_another}


def refusing(
    monkeypatch: pytest.MonkeyPatch, method: str, refused: Path, error: type[OSError] = PermissionError, code: int = 13
) -> None:
    """Refuse to open or to list one path, as the system would. Root is refused nothing, so a mode would not do."""
    real = getattr(Path, method)

    def refuse(path: Path, *args: Any, **named: Any) -> Any:
        if path == refused:
            raise error(code, os.strerror(code), str(path))
        return real(path, *args, **named)

    monkeypatch.setattr(Path, method, refuse)


def test_a_leftover_that_cannot_be_removed_keeps_nobody_from_saving_and_the_others_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    left = [tmp_path / f".tmp-platform-{name}.db" for name in "abc"]
    for old in left:
        old.touch()
        os.utime(old, (time.time() - 2 * 86400,) * 2)
    of_another_user = next(tmp_path.glob(".tmp-*"))
    refusing(monkeypatch, "unlink", of_another_user)
    assert save(wanted(full_home(tmp_path)), tmp_path / "x.zip").path.is_file()
    assert set(tmp_path.glob(".tmp-*")) == {of_another_user}


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("open", "logs/dashboard.log"),
        ("open", "links.toml"),
        ("open", "test_outputs/Backup_Databaler/25-26/2026_a/lotes.parquet"),
        ("iterdir", "logs"),
        ("iterdir", "test_outputs/Backup_Databaler/25-26"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_older_archive_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, what: str
):
    home, path = full_home(tmp_path), tmp_path / "x.zip"
    save(wanted(home, logs=False, outputs=False), path)
    before = path.read_bytes()
    refusing(monkeypatch, method, home / what)
    with use_language("en"), pytest.raises(StorageError) as refused:
        save(wanted(home), path)
    with use_language("en"):
        said = str(refused.value)
    assert said.startswith(f"{home / what} cannot be read (Permission denied), so the backup of the platform was not")
    assert "An older one of the same name is as it was" in said
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "x.zip"]


def test_a_file_that_breaks_off_while_it_is_read_is_named(tmp_path: Path):
    memory = Path("/proc/self/mem")  # nothing is at its beginning: reading there fails as on a disk that is broken
    if not memory.exists():
        pytest.skip("no /proc")
    archive = writing_archive(
        tmp_path / "x.zip", installation="embedded", prefect="3", database=None, logs=True, outputs=False, made_at=NOW
    )
    broken = r"^/proc/self/mem cannot be read \(Input/output"
    with use_language("en"), pytest.raises(StorageError, match=broken), archive as writer:
        writer.add_file("logs/x.log", memory)
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dump = tmp_path / "saved.dump"
    dump.write_bytes(b"PGDMP and more")
    refusing(monkeypatch, "open", dump)
    with use_language("en"), pytest.raises(StorageError, match=r"saved\.dump cannot be read"):
        save(wanted(full_home(tmp_path), dump=dump), tmp_path / "x.zip")


@pytest.mark.parametrize("error", [(FileNotFoundError, errno.ENOENT), (NotADirectoryError, errno.ENOTDIR)])
@pytest.mark.parametrize(("method", "what"), [("iterdir", "25-26"), ("open", "25-26/2026_a/lotes.parquet")])
def test_what_vanishes_while_it_is_listed_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, what: str, error: tuple[type[OSError], int]
):
    home, path = full_home(tmp_path), tmp_path / "x.zip"
    refusing(monkeypatch, method, root_of(home, Environment.TEST) / Folder.SNAPSHOTS / what, *error)
    save(wanted(home), path)
    assert members(path) == {
        "database/prefect.db", "operator.json", "settings.env", "links.toml", "logs/dashboard.log",
    }  # fmt: skip


@pytest.mark.parametrize("there", ["database", "logs", "outputs"])
def test_what_is_there_is_not_written_over_unless_told(tmp_path: Path, there: str):
    path, other = tmp_path / "x.zip", tmp_path / "other"
    save(wanted(full_home(tmp_path)), path)
    other.mkdir()
    if there == "database":
        database_in(other, rows=9)
    elif there == "logs":
        (other / "logs").mkdir()
        (other / "logs" / "mine.log").touch()
    else:
        mine = root_of(other, Environment.PRODUCTION) / Folder.H3 / "mine.kmz"
        mine.parent.mkdir(parents=True)
        mine.touch()
    before = sorted(each for each in other.rglob("*"))
    with pytest.raises(RequestError, match=r"mine|prefect\.db"):
        restore(path, other, replace=False, dump=None, asked=ALL)
    assert sorted(each for each in other.rglob("*")) == before

    restore(path, other, replace=True, dump=None, asked=ALL)
    assert rows_in(other) == 3
    assert set(before) - {database_of(other)} <= set(other.rglob("*"))


def test_the_database_that_was_there_is_kept_aside_with_its_journals(tmp_path: Path):
    path, other = tmp_path / "x.zip", tmp_path / "other"
    save(wanted(full_home(tmp_path)), path)
    file = database_in(other, rows=9)
    with closing(sqlite3.connect(file)) as crashed:  # its last rows are in the journal alone
        crashed.execute("PRAGMA wal_autocheckpoint=0")
        crashed.execute("INSERT INTO run VALUES (10)")
        crashed.commit()
        restored = restore(path, other, replace=True, dump=None, now=NOW)
    assert restored.aside == file.parent / "before-restore-2026-11-29T120000Z"
    assert rows_in(other) == 3
    with closing(sqlite3.connect(restored.aside / "prefect.db")) as old:
        assert old.execute("SELECT count(*) FROM run").fetchone() == (10,)


def test_a_damaged_archive_changes_nothing(tmp_path: Path):
    path, other = tmp_path / "x.zip", tmp_path / "other"
    save(wanted(full_home(tmp_path)), path)
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PAR1")] ^= 1
    path.write_bytes(whole)
    other.mkdir()
    with pytest.raises(StorageError):
        restore(path, other, replace=True, dump=None)
    assert list(other.iterdir()) == []


def test_a_dump_of_postgres_is_laid_for_who_puts_it_back(tmp_path: Path):
    home, dump, laid = full_home(tmp_path), tmp_path / "pg.dump", tmp_path / "ready" / "pg.dump"
    dump.write_bytes(b"PGDMP and more")
    save(Wanted(home, "composed", "3.9.1", dump=dump), tmp_path / "x.zip")
    assert restore(tmp_path / "x.zip", tmp_path / "new", replace=False, dump=laid).database == "postgres"
    assert laid.read_bytes() == b"PGDMP and more"
    with pytest.raises(RequestError, match=r": tranquera platform restore \S+x\.zip --operator$"):
        restore(tmp_path / "x.zip", tmp_path / "new", replace=True, dump=None)


def test_a_container_is_told_the_command_of_containers(tmp_path: Path):
    save(wanted(full_home(tmp_path)), tmp_path / "x.zip")
    with pytest.raises(RequestError, match=r": docker compose run --rm platform-restore \S+x\.zip --operator$"):
        restore(tmp_path / "x.zip", tmp_path / "new", replace=True, dump=tmp_path / "pg.dump")


def test_a_dump_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "pg.dump").write_bytes(b"")
    with pytest.raises(RequestError):
        save(Wanted(full_home(tmp_path), "composed", "3", dump=tmp_path / "pg.dump"), tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("age_s", [None, 4000])
def test_a_dump_that_was_packed_or_left_behind_is_not_taken(tmp_path: Path, age_s: int | None):
    dump = tmp_path / "pg.dump"
    if age_s is not None:
        dump.write_bytes(b"PGDMP")
        os.utime(dump, (time.time() - age_s, time.time() - age_s))
    with pytest.raises(RequestError, match="platform-dump"):
        save(Wanted(full_home(tmp_path), "composed", "3", dump=dump), tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_where_an_archive_goes(tmp_path: Path):
    home = full_home(tmp_path)
    assert place_for(tmp_path, home, replace=False, now=NOW).name == "tranquera-2026-11-29T120000Z.zip"
    (tmp_path / "x.zip").touch()
    assert place_for(tmp_path / "x.zip", home, replace=True) == tmp_path / "x.zip"
    for place in (tmp_path / "x.zip", tmp_path / "no" / "x.zip", home / "outputs" / "x.zip", home / "logs"):
        with pytest.raises(RequestError):
            place_for(place, home, replace=False)


def test_the_commands_without_a_stack(tmp_path: Path):
    home, path = full_home(tmp_path), tmp_path / "x.zip"
    saved = run_command("platform", "backup", str(path), "--json", "--home", str(home))
    assert json.loads(saved.stdout) | {"bytes": 0} == {
        "file": str(path), "bytes": 0, "members": 3, "database": "sqlite", "operator": False,
        "left_out": [],
    }, saved.stderr  # fmt: skip
    again = run_command("platform", "backup", str(path), "--home", str(home))
    assert again.returncode == 2
    refused = run_command("platform", "restore", str(path), "--home", str(home))
    assert refused.returncode == 2
    assert "prefect.db" in refused.stderr
    restored = run_command("platform", "restore", str(path), "--json", "--home", str(tmp_path / "new"))
    assert json.loads(restored.stdout)["database"] == "sqlite"
    assert rows_in(tmp_path / "new") == 3


def test_nothing_is_restored_beside_what_an_interrupted_stack_left(tmp_path: Path):
    home, path, other = full_home(tmp_path), tmp_path / "x.zip", tmp_path / "other"
    save(wanted(home), path)
    stack = StackHome(other)
    stack.data.mkdir(parents=True)
    here = psutil.Process()
    alive = PartState("prefect-server", here.pid, here.create_time())
    stack.write(StackState(1, 0.0, "http://127.0.0.1:1", "http://127.0.0.1:2/api", "", True, parts=(alive,)))
    refused = run_command("platform", "restore", str(path), "--home", str(other), TRANQUERA_LANGUAGE="en")
    assert refused.returncode == 1
    assert "still run" in refused.stderr
    assert not database_of(other).exists()
