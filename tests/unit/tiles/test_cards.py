"""What a card says, of a backup that could not be read for a while and of a KMZ; what of changes is filtered."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from app.services import previews
from app.services.asked import Asked
from app.services.tiles.facts import feature
from app.services.tiles.history import history
from app.services.tiles.kinds import load
from modules.environments import Environment
from modules.i18n import formats, use_language
from modules.kmz_preview.preview import Preview
from modules.settings import load_settings
from modules.snapshots.store import SnapshotStore
from modules.storage.uploads import find_upload
from modules.tiles.request import TileAddress, Wanted
from tests.faults.backups import back_up, settings_of
from tests.mvt import decode
from tests.unit.changes.evolved import evolved_home
from tests.unit.kmz_reading.made_up import kml
from tests.unit.snapshots.invented import source_of

PLACE = "<Folder><name>Norte</name><Placemark><name>Pozo</name><Point><coordinates>-62,-34</coordinates></Point>"
KML = kml(f"{PLACE}</Placemark></Folder>")


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


def test_the_history_of_a_field_has_a_line_for_each_time_that_it_became_otherwise(tmp_path: Path):
    now, before = SnapshotStore(evolved_home(tmp_path), Environment.TEST).published()
    with use_language("es"):
        since = [formats.recent(each.manifest.started_at) for each in (now, before)]
        sown = history(tmp_path, now, "L000005")
        assert [(line["crop"], line["since"]) for line in sown] == list(zip(["girasol", "maíz"], since, strict=True))
        cut = history(tmp_path, now, "L000004")
        assert cut[0]["hectares"] != cut[1]["hectares"]
        assert history(tmp_path, before, "L000005") == sown[1:]
        (moved,) = history(tmp_path, now, "L000003")
        assert (moved["season"], moved["since"]) == ("25/26", since[1])


def test_since_when_is_not_told_where_nobody_looked_further_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    now, before = SnapshotStore(evolved_home(tmp_path), Environment.TEST).published()
    monkeypatch.setattr("app.services.tiles.history._LOOKED_AT", 1)
    (unchanged,) = history(tmp_path, now, "L000003")
    assert unchanged["since"] == ""
    (first,) = history(tmp_path, before, "L000003")
    assert first["since"], "there is none before it"


def test_changes_are_filtered_by_farm_and_crop(tmp_path: Path):
    home = evolved_home(tmp_path)
    now, before = SnapshotStore(home, Environment.TEST).published()
    rows = load(home, f"test/{now.id}/cambios-{before.id}").rows

    def ids(**filters: frozenset[str]) -> set[str]:
        tiles = [rows.tile(TileAddress(9, x, 307), Wanted((), **filters)) for x in (167, 168)]
        shapes = [each for tile in tiles if tile for each in decode(tile)["shapes"].features]
        return {str(each.properties["id"]) for each in shapes}

    assert len(ids()) == 8
    assert ids(farms=frozenset({"C1"})) == {"L000004", "L000004-b", "L000013"}
    assert ids(crops=frozenset({"girasol"})) == {"L000005"}


def test_a_preview_is_not_held_by_its_source(tmp_path: Path):
    kept = previews.shared(load_settings(tmp_path))
    token = kept.open_upload("plano.kml", KML)
    path = f"{token}/kmz"
    loaded = load(tmp_path, path)
    kept._previews = Asked(
        1, lambda preview: preview.weight, name="previews"
    )  # as when others were looked at meanwhile
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Preview) and each.file == "plano.kml"]
    (row,) = loaded.rows.search("Pozo", Wanted())
    with use_language("es"):
        card = feature(tmp_path, path, loaded, row["id"])
        assert card is not None
        assert card["facts"] == [{"label": "Carpeta", "value": "Norte"}]
        kept._previews = Asked(1, lambda preview: preview.weight, name="previews")
        find_upload(tmp_path, token).unlink()  # its day is over
        card = feature(tmp_path, path, loaded, row["id"])
        assert card is not None
        assert (card["name"], card["facts"]) == ("Pozo", [])
