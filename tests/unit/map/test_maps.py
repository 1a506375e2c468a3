"""What the map has to show: the backups to choose from, rows in the order of people, the filter, the box around all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.services import maps
from app.services.maps import Filter
from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import SnapshotError
from modules.h3_grid.stored import StoredGrid
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.snapshots import write_snapshot
from tests.unit.map.rows import fields
from tests.unit.snapshots.invented import source_of


def ids(rows: object) -> list[str]:
    return rows["id"].to_pylist()  # type: ignore[index]


def test_a_filter_keeps_farms_and_crops_and_none_of_them_is_all() -> None:
    rows = fields(
        {"id": "a"}, {"id": "b", "cultivo": "maíz"}, {"id": "c", "cultivo": None}, {"id": "d", "campo_id": "C1"}
    )
    assert ids(Filter().within(rows)) == ["a", "b", "c", "d"]
    assert ids(Filter(farms=("C0",)).within(rows)) == ["a", "b", "c"]
    assert ids(Filter(farms=("C0",), crops=("soja", "maíz")).within(rows)) == ["a", "b"]
    assert ids(Filter(crops=("sin cultivo",)).within(rows)) == ["c"]
    assert ids(Filter(farms=("C9",)).within(rows)) == []


def test_farms_and_crops_of_rows_are_told_once_each() -> None:
    rows = fields(
        {"id": "a", "campo_id": "C2", "campo": "La 10"},
        {"id": "b", "campo_id": "C1", "campo": None, "cultivo": None},
        {"id": "c", "campo_id": "C2", "campo": "La 10", "cultivo": "maíz"},
        {"id": "d", "campo_id": "C1", "campo": "La 2"},
    )
    assert list(maps.farms(rows).items()) == [("C2", "La 10"), ("C1", "La 2")]
    assert maps.crops(rows) == ["maíz", "sin cultivo", "soja"]
    nothing = rows.slice(0, 0)
    assert (maps.farms(nothing), maps.crops(nothing)) == ({}, [])


def test_rows_of_layers_without_a_crop_are_kept_whatever_it_is() -> None:
    areas = fields({"id": "z"}).drop_columns(["cultivo"])
    assert ids(Filter(crops=("trigo",)).within(areas)) == ["z"]


def test_rows_come_by_farm_and_name_without_what_is_for_programs(tmp_path: Path) -> None:
    back_up(settings_of(tmp_path), source_of(12))
    (snapshot,) = store_of(tmp_path).published()
    rows = maps.rows(snapshot, Layer.FIELDS)
    told = list(zip(rows["campo"].to_pylist(), rows["lote"].to_pylist(), strict=True))
    assert told == [
        *(("El Ñandú", name) for name in ("1", "4", "7", "10")),
        *(("La Escondida", name) for name in ("0", "3", "6", "9")),
        *(("San José", name) for name in ("2", "5", "8", "11")),
    ]
    assert not {"geometry", "bbox", "huella_geometria"} & set(rows.column_names)
    assert HECTARES in rows.column_names
    assert [len(maps.rows(snapshot, layer)) for layer in Layer] == [12, 36, 12, 2]
    assert maps.rows(snapshot, Layer.FIELDS) is rows


def test_names_that_differ_in_nothing_that_counts_keep_the_order_of_the_rows(tmp_path: Path) -> None:
    named = [("la 2", "lote 10"), ("La 10", "Lote 1"), ("La 2", "Lote 9"), ("la 2", "Lote 010"), (None, "x"), ("", "X")]
    table = fields(*({"id": str(n), "campo": farm, "lote": name} for n, (farm, name) in enumerate(named)))
    folder = write_snapshot(tmp_path, Environment.TEST)
    pq.write_table(table, folder / "lotes.parquet")
    (snapshot,) = maps.snapshots(tmp_path, Environment.TEST)
    assert ids(maps.rows(snapshot, Layer.FIELDS)) == ["4", "5", "2", "0", "3", "1"]


@pytest.mark.parametrize("content", [None, b"", b"PAR1 no Parquet at all"])
def test_a_snapshot_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    back_up(settings_of(tmp_path), source_of(3))
    (snapshot,) = store_of(tmp_path).published()
    file = snapshot.path / "lotes.parquet"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SnapshotError, match=snapshot.id):
        maps.rows(snapshot, Layer.FIELDS)


def test_backups_of_the_same_farms_are_compared_the_newest_before_first(tmp_path: Path) -> None:
    for day, farms in ((20, []), (21, []), (22, ["C0"]), (23, []), (24, [])):
        started = datetime(2026, 11, day, 6, tzinfo=UTC)
        write_snapshot(tmp_path, Environment.TEST, started=started, run_id=f"{day}000000", farms=farms)
    found = {each.manifest.started_at.day: each for each in maps.snapshots(tmp_path, Environment.TEST)}
    assert list(found) == [24, 23, 22, 21, 20]

    def days(day: int) -> list[int]:
        return [each.manifest.started_at.day for each in maps.comparable(found[day], list(found.values()))]

    assert days(23) == [21, 20, 24]
    assert days(20) == [24, 23, 21]
    assert days(22) == []


def test_places_are_those_of_the_fields_that_are_there() -> None:
    rows = fields({"id": "a"}, {"id": "b"}, {"id": "c"})
    assert maps.places_of(rows, ["c", "gone", "a"]) == [0, 2]
    assert maps.places_of(rows, []) == []
    assert ids(maps.taken(rows, [2, 0])) == ["c", "a"]
    assert len(maps.taken(rows, [])) == 0


def test_the_box_holds_every_backup_and_none_holds_nothing(tmp_path: Path) -> None:
    back_up(settings_of(tmp_path), source_of(1), run_id="11111111-0000-4000-8000-000000000000")
    back_up(settings_of(tmp_path), source_of(120), run_id="22222222-0000-4000-8000-000000000000")
    small, large = sorted(store_of(tmp_path).published(), key=lambda each: each.manifest.hectares)
    assert maps.bounds_of([small]) == small.manifest.bounds
    west, south, east, north = maps.bounds_of([large, small]) or (0, 0, 0, 0)
    assert (west, south) == (large.manifest.bounds[0], large.manifest.bounds[1])  # type: ignore[index]
    assert (east, north) == (large.manifest.bounds[2], large.manifest.bounds[3])  # type: ignore[index]
    assert maps.bounds_of([]) is None
    write_snapshot(tmp_path, Environment.PRODUCTION)
    assert maps.bounds_of(maps.snapshots(tmp_path, Environment.PRODUCTION)) is None


def test_a_grid_is_shown_beside_backups_of_its_own_season() -> None:
    def grid(name: str, season: str, resolution: int) -> StoredGrid:
        return StoredGrid(Path(name), datetime(2026, 11, 23, tzinfo=UTC), 1, season, resolution=resolution)

    stored = [
        grid("unreadable", "", 0),
        grid("newest", "25/26", 9),
        grid("older", "24/25", 8),
        grid("oldest", "24/25", 9),
    ]
    assert maps.grid_of(stored, "24/25") is stored[2]
    assert maps.grid_of(stored, "25/26") is stored[1]
    assert maps.grid_of(stored, "23/24") is None
