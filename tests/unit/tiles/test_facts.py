"""What a card says: of a backup that could not be read for a while, of a KMZ's feature."""

from __future__ import annotations

from pathlib import Path

from app.services.tiles.facts import history
from app.services.tiles.kinds import load
from tests.faults.backups import back_up, settings_of
from tests.unit.snapshots.invented import source_of


def test_a_backup_that_cannot_be_read_for_a_while_is_told_once_it_can(tmp_path: Path):
    result = back_up(settings_of(tmp_path), source_of(), run_id="1")
    snapshot = load(tmp_path, f"test/{result.snapshot_id}/lotes").snapshot
    assert snapshot is not None
    path = snapshot.path / "lotes.parquet"
    away = path.rename(path.with_name("away"))
    assert history(tmp_path, snapshot, "L000001") == []
    path.write_bytes(b"half of a file")
    assert history(tmp_path, snapshot, "L000001") == []
    away.rename(path)
    (told,) = history(tmp_path, snapshot, "L000001")
    assert (told["season"], told["crop"]) == ("25/26", "maíz")
