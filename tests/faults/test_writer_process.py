"""Backups whose files a process beside them writes, as large ones do: the same files, and KEEP when it fails."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyogrio
import pytest

from modules.errors import StorageError
from modules.snapshots import writer, writer_process
from modules.snapshots.check import verify
from tests.conftest import PROJECT, clean_environment
from tests.faults.backups import (
    assert_kept,
    back_up,
    content_of,
    current_id,
    fails_and_keeps,
    settings_of,
    store_of,
    temporaries_of,
)
from tests.faults.disks import leave_room, mounted_disk
from tests.unit.snapshots.invented import source_of

#: Files that are the same to the last byte whoever writes them; GDAL writes the time into its own.
_SAME_BYTES = {".geojson", ".csv", ".parquet"}

#: Starts a process that is to end with it, and tells its number once that has seen to it.
_PARENT = """
import os, subprocess, sys, time
child = '''
import os, sys, time
from modules.orphans import die_with_parent
die_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(60)
'''
subprocess.Popen([sys.executable, "-c", child, str(os.getpid())])
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def always_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_PAGES_WORTH_A_PROCESS", 1)


@pytest.fixture(autouse=True)
def no_writer_is_left() -> Iterator[None]:
    before = set(psutil.Process().children())  # the shared stack and the browser's driver may be among them
    yield
    left = set(psutil.Process().children()) - before
    assert [each for each in left if each.status() != psutil.STATUS_ZOMBIE] == []


def test_the_files_are_those_that_one_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    beside, alone = tmp_path / "beside", tmp_path / "alone"
    for home in (beside, alone):
        home.mkdir()
        back_up(settings_of(home), source_of(40))
        monkeypatch.setattr(writer, "_PAGES_WORTH_A_PROCESS", 1000)
    one, other = ({Path(path): digest for path, digest in content_of(home).items()} for home in (beside, alone))
    places = [{(path.parts[1], path.name) for path in content} for content in (one, other)]
    assert places[0] == places[1]
    assert {each for path, each in one.items() if path.suffix in _SAME_BYTES} == {
        each for path, each in other.items() if path.suffix in _SAME_BYTES
    }
    for package in (path for path in one if path.suffix == ".gpkg" and path.parts[1] != "Backup_Databaler"):
        read = [pyogrio.read_dataframe(home / package, fid_as_index=True) for home in (beside, alone)]
        assert read[0].equals(read[1])
    assert verify(store_of(beside).published()[0]) == []


@pytest.mark.slow
def test_f21_a_full_disk_keeps_the_last_snapshot(tmp_path: Path):
    with mounted_disk(tmp_path / "home", size_kb=8192) as home:
        settings = settings_of(home)
        back_up(settings, source_of(8), run_id="good")
        before, current = content_of(home), current_id(home)
        failures = 0
        for room_kb in range(0, 4096, 96):
            leave_room(home, room_kb)
            try:
                back_up(settings, source_of(9), run_id=f"run {room_kb}")
            except StorageError as error:
                failures += 1
                assert_kept(home, before, current, error)
            else:
                break
        assert failures > 3
        assert current_id(home) != current
        assert temporaries_of(home) == []


def test_f25_a_process_that_is_killed_fails_the_backup_and_keeps_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    back_up(settings_of(tmp_path), source_of(8), run_id="good")

    def killed(self: writer_process.WriterProcess, *sent: object) -> None:
        self._process.kill()
        sending(self, *sent)  # type: ignore[arg-type]

    sending = writer_process.WriterProcess._send
    monkeypatch.setattr(writer_process.WriterProcess, "_send", killed)
    fails_and_keeps(tmp_path, StorageError, settings_of(tmp_path), source_of(9))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_f25_a_process_whose_parent_is_killed_ends_with_it():
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], cwd=PROJECT, env=clean_environment(), stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.status() != psutil.STATUS_ZOMBIE
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "the child outlived its parent"
        time.sleep(0.01)
