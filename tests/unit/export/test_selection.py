"""Which rows a filter means."""

from pathlib import Path

import pytest

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError
from modules.export import ExportRequest, newest_snapshot
from modules.export.selection import select
from modules.snapshots.layers import MACHINE_COLUMNS, SNAPSHOT_COLUMNS, check_layer
from modules.snapshots.store import Snapshot
from tests.faults.backups import SEASON, assert_sentence, back_up, settings_of, store_of
from tests.unit.export.kept import checked_fields, keep, keep_usual
from tests.unit.snapshots.invented import markers, outline, source_of


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """12 fields on three farms in turn, with four crops in turn; zones, markers and areas on them."""
    return keep_usual(tmp_path_factory.mktemp("snapshot"))


def ids(snapshot: Snapshot, layer: Layer, **filters: object) -> list[str]:
    rows = select(snapshot, ExportRequest(layer, "gpkg", **filters))  # type: ignore[arg-type]
    assert len(rows.table) == len(rows.wkb) == len(rows.geometry)
    found: list[str] = rows.table["id"].to_pylist()
    return found


def fields(*numbers: int) -> list[str]:
    return [f"L{number:06}" for number in numbers]


@pytest.mark.parametrize("name", ["C1", "El Ñandú", "el nandu", " EL  ÑANDÚ "])
def test_a_farm_is_found_by_id_or_name(snapshot: Snapshot, name: str):
    assert ids(snapshot, Layer.FIELDS, farms=[name]) == fields(1, 4, 7, 10)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, fields(*range(12))),
        ({"season": Season.parse("25/26")}, fields(*range(12))),
        ({"farms": ["C0", "San José"]}, fields(0, 2, 3, 5, 6, 8, 9, 11)),
        ({"crops": ["maiz"]}, fields(1, 5, 9)),
        ({"crops": ["soja", "sin cultivo"]}, fields(0, 3, 4, 7, 8, 11)),
        ({"fields": ["L000003", "7"]}, fields(3, 7)),
        ({"farms": ["C0"], "crops": ["soja"]}, fields(0)),
        ({"farms": ["C0"], "fields": ["3", "6"], "crops": ["sin cultivo"], "season": None}, None),
    ],
)
def test_filters_are_all_held(snapshot: Snapshot, filters: dict[str, object], expected: list[str] | None):
    if expected is None:  # 6 is no field without a crop
        with pytest.raises(RequestError, match="6"):
            ids(snapshot, Layer.FIELDS, **filters)
    else:
        assert ids(snapshot, Layer.FIELDS, **filters) == expected


@pytest.mark.parametrize(
    ("layer", "filters", "count"),
    [
        (Layer.ZONES, {"crops": ["soja"]}, 9),
        (Layer.ZONES, {"fields": ["L000002"]}, 3),
        (Layer.MARKERS, {"crops": ["soja"], "farms": ["C0"]}, 1),
        (Layer.MARKERS, {"farms": ["La Escondida"]}, 4),
        (Layer.AREAS, {"farms": ["C0"]}, 1),
    ],
)
def test_other_layers_are_chosen_by_their_fields(
    snapshot: Snapshot, layer: Layer, filters: dict[str, object], count: int
):
    assert len(ids(snapshot, layer, **filters)) == count


@pytest.mark.parametrize(
    ("layer", "filters", "told"),
    [
        (Layer.FIELDS, {"farms": ["La Escondidda"]}, "La Escondida"),
        (Layer.FIELDS, {"farms": ["Ñu"]}, "Ñu"),
        (Layer.FIELDS, {"crops": ["maís"]}, "maíz"),
        (Layer.FIELDS, {"fields": ["99"]}, "99"),
        (Layer.FIELDS, {"season": Season.parse("24/25")}, "lotes"),
        (Layer.AREAS, {"crops": ["soja"]}, "zonas"),
        (Layer.AREAS, {"fields": ["1"]}, "zonas"),
        (Layer.AREAS, {"farms": ["C2"]}, "zonas"),
    ],
)
def test_what_is_not_there_is_said(snapshot: Snapshot, layer: Layer, filters: dict[str, object], told: str):
    with pytest.raises(RequestError) as caught:
        ids(snapshot, layer, **filters)
    assert told in caught.value.sentence()
    assert_sentence(caught.value)


def test_a_name_that_two_farms_have_is_no_choice(tmp_path: Path):
    rows = [{"campo_id": "C8", "campo": "La Paz"}, {"campo_id": "C9", "campo": "La Paz"}]
    kept = keep(tmp_path, checked_fields([outline(0), outline(1)], rows))
    with pytest.raises(RequestError) as caught:
        ids(kept, Layer.FIELDS, farms=["La Paz"])
    assert "C8, C9" in caught.value.sentence()
    assert ids(kept, Layer.FIELDS, farms=["C9"]) == fields(1)


def test_fields_of_one_name_are_all_meant_but_within_the_farm(tmp_path: Path):
    rows = [{"campo_id": farm, "campo": farm, "lote": "1"} for farm in ("C8", "C9")]
    kept = keep(tmp_path, checked_fields([outline(0), outline(1)], rows))
    assert ids(kept, Layer.FIELDS, fields=["1"]) == fields(0, 1)
    assert ids(kept, Layer.FIELDS, fields=["1"], farms=["C9"]) == fields(1)


def test_markers_of_no_field_are_there_when_nothing_is_chosen(tmp_path: Path):
    loose = check_layer(markers(2, lote_id=None, campo_id=None, campo=None), None)
    kept = keep(tmp_path, checked_fields([outline(0)]), loose)
    assert len(ids(kept, Layer.MARKERS)) == 2
    with pytest.raises(RequestError):
        ids(kept, Layer.MARKERS, farms=["C0"])


@pytest.mark.parametrize("layer", list(Layer))
def test_people_see_all_columns_but_those_of_programs(snapshot: Snapshot, layer: Layer):
    names = select(snapshot, ExportRequest(layer, "gpkg")).table.column_names
    assert names == [name for name in SNAPSHOT_COLUMNS[layer].names if name not in MACHINE_COLUMNS]


def test_the_newest_backup_of_an_empty_home(tmp_path: Path):
    for season in (None, SEASON):
        with pytest.raises(SnapshotError) as caught:
            newest_snapshot(store_of(tmp_path), season)
        assert_sentence(caught.value)
        assert caught.value.values == {}


def test_a_season_without_a_backup_is_named_with_those_that_have_one(tmp_path: Path):
    for season in ("24/25", "25/26"):
        back_up(settings_of(tmp_path), source_of(2), run_id=season, season=Season.parse(season))
    with pytest.raises(SnapshotError) as caught:
        newest_snapshot(store_of(tmp_path), Season.parse("19/20"))
    assert_sentence(caught.value)
    assert caught.value.values == {"season": "19/20", "seasons": "25/26, 24/25"}
