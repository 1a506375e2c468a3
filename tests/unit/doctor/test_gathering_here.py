"""Facts from real folders, files and processes."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.doctor.asking import Answer, Question, ask_all
from app.doctor.facts import FolderState
from app.doctor.findings import Part, State
from app.doctor.gathering import here
from app.doctor.installation import Kind, find_installation
from app.doctor.report import judge
from modules.environments import Environment
from modules.errors import StackError
from modules.i18n import use_language
from modules.settings import load_settings
from modules.storage.links.check import Severity
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import mark_production
from tests.conftest import run_command
from tests.faults.disks import make_read_only, mounted_disk
from tests.unit.doctor.installations import EMBEDDED, STOPPED

DAY_S = 86400


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch):
    for name in list(os.environ):
        if name.startswith(("TRANQUERA_", "PREFECT_")):
            monkeypatch.delenv(name)


def database_in(home: Path) -> Path:
    file = home / "data" / "prefect" / "prefect.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE run (id INTEGER, name TEXT)")
        database.executemany("INSERT INTO run VALUES (?, ?)", [(n, "x" * 100) for n in range(2000)])
        database.execute("CREATE INDEX by_name ON run (name)")
    return file


def test_a_home_without_a_database(tmp_path: Path):
    assert here.ask_database(tmp_path) is None


def test_a_sound_database_is_looked_through_while_somebody_writes(tmp_path: Path):
    file = database_in(tmp_path)
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO run VALUES (1, 'y')")
        seen = here.ask_database(tmp_path)
    assert seen is not None
    assert seen.sound is True
    assert seen.bytes >= file.stat().st_size


@pytest.mark.parametrize("where", ["head", "middle"])
def test_a_damaged_database_is_seen(tmp_path: Path, where: str):
    file = database_in(tmp_path)
    with file.open("r+b") as damaged:
        damaged.seek(0 if where == "head" else file.stat().st_size // 2)
        damaged.write(b"\xff" * 9000)
    seen = here.ask_database(tmp_path)
    assert seen is not None
    assert seen.sound is False


def test_the_table_is_asked_of_a_process_of_its_own(tmp_path: Path):
    rows = here.ask_table(load_settings(tmp_path))
    backup = next(row for row in rows if row.name == "backup-lotes-daily-3am")
    assert (backup.cron, backup.work_pool, backup.parameters) == ("0 3 * * *", "local-pool", {"test": False})
    assert len(backup.limits) == 2


def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    broken = tmp_path / "project" / "flows"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "deployments.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.setattr(here, "PROJECT", broken.parent)
    with pytest.raises(StackError, match="a_module_that_is_not_there"):
        here.ask_table(load_settings(tmp_path))


def test_a_table_that_is_slow_to_read_is_no_wrong_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(here, "TABLE_PATIENCE_S", 1.2)
    monkeypatch.setattr(here, "deploy_command", lambda: [sys.executable, "-c", "import time; time.sleep(20)"])
    answer = ask_all({"table": Question(lambda: here.ask_table(load_settings(tmp_path)), 15)})["table"]
    assert answer.late
    assert answer.error is None
    for finding in judge(EMBEDDED, {"table": answer, "deployed": Answer([]), "net": Answer(None)}):
        assert finding.state is State.WARNING
        assert "flows/deployments.py" in finding.sentence
        assert answer.patience_s == pytest.approx(0.2)


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = database_in(tmp_path)

    def refuse(*_words: object, **_named: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(here.sqlite3, "connect", refuse)
    answer = ask_all({"database": Question(lambda: here.ask_database(tmp_path))})["database"]
    with use_language("en"):
        (finding,) = [each for each in judge(STOPPED, {"database": answer}) if each.part is Part.DATABASE]
    assert finding.state is State.WARNING
    assert finding.sentence == f"{file} could not be looked at: unable to open database file."
    assert "may read it" in finding.remedy


def test_folders_of_production_are_told_apart(tmp_path: Path):
    root = root_of(tmp_path, Environment.PRODUCTION)
    root.mkdir()
    mark_production(tmp_path, Folder.H3)
    (root / Folder.CROPS).mkdir()
    (root / Folder.SAMPLES).symlink_to(tmp_path / "nowhere")
    seen = here.ask_production(tmp_path).folders
    assert seen[Folder.H3] is FolderState.READY
    assert seen[Folder.CROPS] is FolderState.UNMARKED
    assert seen[Folder.SAMPLES] is FolderState.DANGLING
    assert seen[Folder.SNAPSHOTS] is FolderState.MISSING


def test_links_are_looked_at_where_some_were_set_up(tmp_path: Path):
    home, real = tmp_path / "home", tmp_path / "OneDrive"
    home.mkdir()
    real.mkdir()
    assert here.ask_links(home) is None
    set_up = run_command("links", "--base", str(real), "--yes", "--home", str(home))
    assert set_up.returncode == 0, set_up.stderr
    checks = here.ask_links(home)
    assert checks is not None
    assert {check.severity for check in checks} == {Severity.WELL}
    real.rename(tmp_path / "gone")
    checks = here.ask_links(home)
    assert checks is not None
    assert {check.severity for check in checks} == {Severity.BAD}


def test_growth_counts_the_snapshots_of_both_environments_and_the_last_month_apart(tmp_path: Path):
    now = time.time()
    for environment, name, bytes_, days in [
        (Environment.TEST, "old", 1000, 90),
        (Environment.TEST, "new", 200, 10),
        (Environment.PRODUCTION, "newer", 30, 1),
    ]:
        file = root_of(tmp_path, environment) / Folder.SNAPSHOTS / "25-26" / name / "lotes.parquet"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x" * bytes_)
        os.utime(file, (now - days * DAY_S, now - days * DAY_S))
    (root_of(tmp_path, Environment.TEST) / Folder.H3).mkdir()
    (root_of(tmp_path, Environment.TEST) / Folder.H3 / "grid.kmz").write_bytes(b"x" * 5000)
    seen = here.ask_growth(tmp_path)
    assert (seen.bytes, seen.recent_bytes, round(seen.days), seen.complete) == (1230, 230, 10, True)


def test_growth_tells_the_disk_that_the_backups_are_on_and_no_other(tmp_path: Path):
    (tmp_path / "data").mkdir()
    test = root_of(tmp_path, Environment.TEST) / Folder.SNAPSHOTS
    test.mkdir(parents=True)
    (test / "lotes.parquet").write_bytes(b"x" * 10)
    assert [each.folders for each in here.ask_growth(tmp_path).fillings] == [["test_outputs/Backup_Databaler"]]
    production = root_of(tmp_path, Environment.PRODUCTION) / Folder.SNAPSHOTS
    with mounted_disk(production, size_kb=4096):
        (production / "lotes.parquet").write_bytes(b"x" * 1000)
        seen = {tuple(each.folders): each for each in here.ask_growth(tmp_path).fillings}
        small = seen["outputs/Backup_Databaler",]
        assert small.free <= 4096 * 1024
    assert (small.recent_bytes, seen["test_outputs/Backup_Databaler",].recent_bytes) == (1000, 10)


def test_disks_name_folders_that_are_there(tmp_path: Path):
    assert here.ask_disks(tmp_path)[0].folders == [tmp_path.name]
    (tmp_path / "data").mkdir()
    (tmp_path / "outputs" / "H3").mkdir(parents=True)
    (disk,) = here.ask_disks(tmp_path)
    assert disk.folders == ["data", "outputs", "outputs/H3"]
    assert 0 < disk.free <= disk.total


def test_a_read_only_root_that_holds_only_mounts_is_no_full_disk(tmp_path: Path):
    (tmp_path / "data").mkdir()
    outputs = root_of(tmp_path, Environment.PRODUCTION)
    with mounted_disk(outputs, size_kb=64), mounted_disk(outputs / Folder.H3, size_kb=4096):
        make_read_only(outputs)
        seen = here.ask_disks(tmp_path)
    assert {tuple(disk.folders) for disk in seen} == {("data",), ("outputs/H3",)}
    assert seen[0].total == 4096 * 1024


def test_the_zone_of_buenos_aires_is_known(tmp_path: Path):
    assert here.ask_clock(load_settings(tmp_path)).expected_offset_s == -3 * 3600


def test_what_kind_of_installation_this_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = load_settings(tmp_path)
    assert find_installation(settings, home_was_named=False).api is None
    (tmp_path / "data" / "tranquera").mkdir(parents=True)
    assert find_installation(settings, home_was_named=False).containers
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect-server:4200/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "x:canary")
    beside = find_installation(settings, home_was_named=False)
    assert (beside.kind, beside.api, beside.dashboard) == (Kind.COMPOSED, "http://prefect-server:4200/api", None)
    assert "canary" not in repr(beside)
    assert find_installation(settings, home_was_named=True).kind is Kind.EMBEDDED
