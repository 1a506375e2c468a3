"""What a snapshot offers to choose from, in words that an export understands."""

from pathlib import Path

import pytest

from modules.domain.layers import Layer
from modules.errors import SnapshotError
from modules.export import ExportRequest
from modules.export.choices import bounds_of, read_choices
from modules.export.crs import propose_faja
from modules.export.selection import NO_CROP, select
from modules.snapshots.layers import check_layer
from tests.unit.export.kept import checked_fields, keep, keep_usual
from tests.unit.snapshots.invented import areas, layer_of, markers, outline, zones


def test_farms_crops_and_fields_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    choices = read_choices(keep_usual(tmp_path, 12))
    assert list(choices.farms.values()) == sorted(choices.farms.values(), key=str.casefold)
    names = [field.name for field in choices.fields]
    assert names.index("2") < names.index("10")
    assert choices.crops()[-1] == NO_CROP
    farm = next(iter(choices.farms))
    assert {field.farm for field in choices.within([farm])} == {farm}
    assert propose_faja(bounds_of(choices.fields)).title == "POSGAR 2007 faja 4"


def test_words_choose_what_was_meant_where_names_repeat(tmp_path: Path) -> None:
    rows = [
        {"lote": "1", "campo_id": "A", "campo": "La Loma"},
        {"lote": "1", "campo_id": "B", "campo": "La Loma"},
        {"lote": "1", "campo_id": "C", "campo": "El Bajo"},
        {"lote": "L000000", "campo_id": "C", "campo": "El Bajo"},
        {"lote": "", "campo_id": "C", "campo": "El Bajo"},
    ]
    others = (check_layer(each, None) for each in (zones(1), markers(1), areas(1)))
    snapshot = keep(tmp_path, checked_fields([outline(number) for number in range(5)], rows), *others)
    choices = read_choices(snapshot)
    assert choices.farm_words(["A", "C"]) == ["A", "El Bajo"]
    for farms in ([], ["C"], ["A"]):
        among = choices.within(farms)
        for field in among:
            request = ExportRequest(
                Layer.FIELDS,
                "gpkg",
                farms=choices.farm_words(farms),
                fields=choices.field_words([field.id], among),
            )
            assert select(snapshot, request).table["id"].to_pylist() == [field.id]


def test_a_snapshot_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    snapshot = keep_usual(tmp_path)
    (tmp_path / "lotes.parquet").write_bytes(b"PAR1")
    with pytest.raises(SnapshotError):
        read_choices(snapshot)


def test_no_field_at_all(tmp_path: Path) -> None:
    empty = [check_layer(layer_of(layer, [], []), None) for layer in Layer]
    choices = read_choices(keep(tmp_path, *empty))
    assert (choices.crops(), choices.within()) == ([], [])
