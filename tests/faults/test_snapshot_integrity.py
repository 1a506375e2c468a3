"""Cases 26 to 28: flipped bytes, two backups at once, clocks that go back."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modules.backup import BackupHeldBack, BackupRequest, run_backup
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import StorageError
from modules.snapshots import decisions
from modules.snapshots.check import Fault, verify
from modules.snapshots.layers import check_layer
from modules.snapshots.products import PRODUCT_FOLDERS, Edition, sample_products
from modules.snapshots.publication import stage
from modules.snapshots.store import SnapshotStore
from modules.storage.lock import writer_lock
from modules.storage.preflight import prepare_folders
from tests.conftest import PROJECT, clean_environment
from tests.faults.backups import (
    SEASON,
    WHOLE,
    assert_sentence,
    back_up,
    content_of,
    current_id,
    settings_of,
    store_of,
    temporaries_of,
)
from tests.unit.snapshots.invented import InventedSource, markers, source_of

FILES = ["lotes.parquet", "ambientes.parquet", "backup.gpkg", "lotes.geojson", "raw/lotes.zip"]


@pytest.mark.parametrize("name", FILES)
def test_f26_one_flipped_byte_is_found_with_its_file_and_hash(tmp_path: Path, name: str):
    back_up(settings_of(tmp_path), source_of())
    (snapshot,) = store_of(tmp_path).published()
    path = snapshot.path / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (finding,) = verify(snapshot)
    assert (finding.file, finding.fault) == (name, Fault.HASH)
    assert finding.expected == snapshot.manifest.files[name].sha256
    assert name in finding.sentence()
    assert finding.found in finding.sentence()


def test_f26_missing_short_and_foreign_files_are_found(tmp_path: Path):
    back_up(settings_of(tmp_path), source_of())
    (snapshot,) = store_of(tmp_path).published()
    (snapshot.path / "zonas.parquet").unlink()
    (snapshot.path / "lotes.geojson").write_bytes(b"{}")
    (snapshot.path / "notes.txt").write_text("mine")
    found = {finding.file: finding.fault for finding in verify(snapshot)}
    assert found == {"zonas.parquet": Fault.MISSING, "lotes.geojson": Fault.SIZE, "notes.txt": Fault.UNEXPECTED}


class WaitingSource(InventedSource):
    """Holds its answer back until it is let go."""

    def hold(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def fetch(self, layer: Layer, *arguments: object, **options: object) -> object:
        self.reached.set()
        assert self.go.wait(30)
        return super().fetch(layer, *arguments, **options)  # type: ignore[arg-type]


def test_f27_of_two_backups_at_once_one_runs_and_the_other_says_so(tmp_path: Path):
    settings = settings_of(tmp_path)
    slow = WaitingSource(source_of().layers)
    slow.hold()
    first = threading.Thread(target=back_up, args=(settings, slow), kwargs={"run_id": "first"})
    first.start()
    assert slow.reached.wait(30)
    second = source_of()
    with pytest.raises(StorageError) as caught:
        back_up(settings, second, run_id="second")
    assert_sentence(caught.value)
    assert second.fetched == []
    slow.go.set()
    first.join(60)
    assert len(store_of(tmp_path).published()) == 1


def test_f27_other_farms_may_be_backed_up_meanwhile(tmp_path: Path):
    store, settings = store_of(tmp_path), settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="before", farms=["C1"])
    with pytest.raises(BackupHeldBack) as caught:
        back_up(settings, source_of(4), run_id="short", farms=["C1"])
    with store.writing(WHOLE):
        staged = stage_samples(store)
        result = back_up(settings, source_of(10), run_id="meanwhile", farms=["C1"])
        assert [path for path in staged if not path.exists()] == []
        accepted = decisions.accept(store, caught.value.result.snapshot_id)
        assert [path for path in staged if not path.exists()] == []
    assert result.current_files == {}
    assert not accepted.held_back
    assert current_id(tmp_path) is None


def stage_samples(store: SnapshotStore) -> list[Path]:
    """Stage current files, as a backup of all farms does while it runs."""
    prepare_folders(store.home, store.environment, PRODUCT_FOLDERS, min_free_mb=0)
    edition = Edition(store.root, SEASON, datetime(2026, 4, 5, tzinfo=UTC), "invented")
    staged = stage(store.root, SEASON, sample_products(check_layer(markers(10), None), edition))
    return [store.root / each.folder / each.temporary for each in staged]


def test_f27_the_lock_of_a_dead_holder_is_reclaimed(tmp_path: Path):
    lock = tmp_path / "a.lock"
    code = (
        "import sys, time, pathlib; from modules.storage.lock import writer_lock\n"
        "with writer_lock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], cwd=PROJECT, env=clean_environment(), stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StorageError), writer_lock(lock):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with writer_lock(lock):
        assert lock.exists()


def test_f28_two_backups_in_the_same_second_do_not_collide(tmp_path: Path):
    moment = datetime(2026, 4, 5, 2, 30, tzinfo=UTC)
    ids = [back_up_at(tmp_path, moment, f"run {number}") for number in range(3)]
    assert len(set(ids)) == 3
    assert all(each.startswith("2026-04-05T023000Z_") for each in ids)
    assert current_id(tmp_path) == ids[-1]


def test_f28_after_a_clock_was_set_back_the_last_backup_is_still_the_current_one(tmp_path: Path):
    moment = datetime(2026, 4, 5, 2, 30, tzinfo=UTC)
    back_up_at(tmp_path, moment, "before")
    after = back_up_at(tmp_path, moment - timedelta(hours=1), "after")
    assert after.startswith("2026-04-05T013000Z_")
    assert current_id(tmp_path) == after


def back_up_at(home: Path, moment: datetime, run_id: str) -> str:
    request = BackupRequest(Environment.TEST, run_id, SEASON)
    return run_backup(request, source_of(), settings_of(home), now=lambda: moment).snapshot_id


def test_a_backup_that_is_cancelled_leaves_nothing_half_done(tmp_path: Path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="good")
    before = content_of(tmp_path)

    def cancel(step: object, done: int, total: int) -> None:
        if str(step) == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_backup(BackupRequest(Environment.TEST, "cancelled", SEASON), source_of(), settings, progress=cancel)
    assert content_of(tmp_path) == before
    assert temporaries_of(tmp_path) == []
