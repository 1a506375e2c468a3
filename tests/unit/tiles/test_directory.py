"""What a source tells of itself and of its rows."""

from __future__ import annotations

import pyarrow as pa
import pytest
import shapely

from modules.tiles.columns import Column
from modules.tiles.request import Wanted
from modules.tiles.shapes import shapes_of
from modules.tiles.snapshots import full_names
from modules.tiles.vector import VectorSource

FARMS = ["La Escondida", "El Ñandú", "El Ñandú", "Ñandubay", "San José"]
FIELDS = ["7", "Lote 10", "Lote 2", "El Ñandú chico", "San José 1"]
CROPS = ["soja", "Maíz", None, "maíz tardío", "soja"]


def source() -> VectorSource:
    table = pa.table(
        {
            "id": [f"L{n}" for n in range(5)],
            "lote": FIELDS,
            "campo": FARMS,
            "cultivo": CROPS,
            "superficie_ha": [1.0, 2.0, None, 4.0, 9.0],
        }
    )
    columns = {name: Column.of(table[name]) for name in table.column_names}
    shapes = shapes_of([[shapely.box(-62 + n, -34, -61.9 + n, -33.9) for n in range(5)]])
    names = Column.of(full_names(table, "lote"))
    hectares = table["superficie_ha"].to_numpy()
    return VectorSource(shapes, columns, names, hectares=hectares, searched=("lote", "name", "campo", "cultivo"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("7", ["L0"]),
        ("nandu", ["L3", "L2", "L1"]),
        ("EL ÑANDÚ  lote 2", ["L2"]),
        ("lote 2", ["L2"]),
        ("maiz", ["L1", "L3"]),
        ("nandu maiz", ["L1", "L3"]),
        ("girasol", []),
        ("  ", []),
        (".*", []),
    ],
)
def test_rows_are_found_without_case_and_accents(text: str, ids: list[str]):
    found = [record["id"] for record in source().search(text, Wanted())]
    assert sorted(found) == sorted(ids)
    if text not in {"nandu", "nandu maiz"}:  # of which none is better
        assert found[:1] == ids[:1]


def test_a_row_is_told_with_its_place():
    record = source().record("L1")
    assert record is not None
    assert record["name"] == "El Ñandú Lote 10"
    assert record["bounds"] == pytest.approx([-61, -34, -60.9, -33.9], abs=1e-6)
    assert record["centre"] == pytest.approx([-60.95, -33.95], abs=1e-3)
    assert record["values"]["cultivo"] == "Maíz"
    assert source().record("L9") is None


def test_a_legend_knows_values_and_spread():
    info = source().info()
    assert (info["rows"], info["kind"], info["minzoom"], info["maxzoom"]) == (5, "polygon", 0, 14)
    assert info["bounds"] == pytest.approx([-62, -34, -57.9, -33.9], abs=1e-6)
    columns = {column["name"]: column for column in info["columns"]}
    assert "id" not in columns
    assert columns["cultivo"]["values"] == [
        {"value": "soja", "rows": 2, "hectares": 10.0},
        {"value": None, "rows": 1, "hectares": 0.0},
        {"value": "Maíz", "rows": 1, "hectares": 2.0},
        {"value": "maíz tardío", "rows": 1, "hectares": 4.0},
    ]
    assert columns["superficie_ha"] == {
        "name": "superficie_ha", "type": "number", "min": 1.0, "max": 9.0, "quantiles": [1.5, 2.0, 3.0, 4.0, 6.5],
    }  # fmt: skip


def test_an_empty_source_has_no_bounds():
    empty = VectorSource(
        shapes_of([]), {"id": Column.of(pa.array([], pa.string()))}, Column.of(pa.array([], pa.string()))
    )
    assert empty.info()["bounds"] is None
    assert empty.info()["rows"] == 0
    assert empty.search("x", Wanted()) == []
