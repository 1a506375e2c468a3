"""Whatever fields there are, their KMZ is valid and two readers that are not ours find them in it."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modules.domain.layers import Layer
from modules.kmz.writing.coordinates import sequence_texts
from modules.kmz.writing.geometries import polygon_texts
from modules.kmz_products.request import Product
from modules.snapshots.layers import check_layer
from tests.kmz_readers import assert_valid, fastkml_rows, gdal_rows, said
from tests.unit.kmz_products.snapshots import write_product
from tests.unit.snapshots.invented import field_row, layer_of
from tests.unit.snapshots.shapes import same_shapes

#: Anything a portal can send: JSON has no lone surrogates, and NUL ends a text for GDAL before XML is even reached.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
#: A text of spaces only is no text for a reader that strips; ids are never that.
ids = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=12)
numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))

corners = st.tuples(st.floats(-179, 178), st.floats(-85, 84))


def field(corner: tuple[float, float], holes: int, parts: int) -> shapely.Geometry:
    """Squares beside each other, each with holes in a row."""
    made = []
    for part in range(parts):
        west, south = corner[0] + 0.1 * part, corner[1]
        rings = [
            shapely.box(west + 0.01 + 0.02 * n, south + 0.01, west + 0.02 + 0.02 * n, south + 0.02)
            for n in range(holes)
        ]
        made.append(
            shapely.Polygon(shapely.box(west, south, west + 0.08, south + 0.08).exterior, [r.exterior for r in rings])
        )
    return made[0] if parts == 1 else shapely.MultiPolygon(made)


shapes = st.builds(field, corners, st.integers(0, 3), st.integers(1, 3))


@pytest.mark.slow
@given(
    rows=st.lists(
        st.tuples(ids, texts, texts, st.one_of(st.none(), texts), numbers, shapes),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    product=st.sampled_from(list(Product)),
)
@settings(max_examples=60)
@example([("1", "]]><![CDATA[<b>&amp;`$[id]\r\n\t", "a/b", "\x00\ufffe", 1e-7, field((0, 0), 2, 2))], Product.BY_FARM)
def test_f20_any_table_of_fields_comes_back_the_same(rows: list[tuple], product: Product) -> None:
    table = [
        field_row(
            0,
            id=id_,
            lote=name,
            campo=farm,
            campo_id="C0",
            cultivo=crop,
            superficie_ha=hectares,
            actualizado=datetime(2026, 3, 1, tzinfo=UTC),
        )
        for id_, name, farm, crop, hectares, _shape in rows
    ]
    layer = layer_of(Layer.FIELDS, table, [row[-1] for row in rows])
    expected = check_layer(layer, None)
    by_gdal, by_fastkml = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for path in write_product(Path(folder), product, layer):
            assert_valid(path)
            by_gdal |= gdal_rows(path)
            by_fastkml |= fastkml_rows(path)
    keys = [said(id_) for id_ in expected.table["id"].to_pylist()]
    assert sorted(by_gdal) == sorted(keys), (sorted(by_gdal), sorted(keys))
    assert sorted(by_fastkml) == sorted(keys), (sorted(by_fastkml), sorted(keys))
    for key, row in zip(keys, expected.table.to_pylist(), strict=True):
        assert by_gdal[key]["Name"] == said(row["lote"])
        assert stripped(by_fastkml[key]["name"]) == said(row["lote"]).strip()
        for column in ("lote", "campo", "cultivo", "campania"):
            value = None if row[column] is None else said(row[column])
            assert none(by_gdal[key].get(column)) == value
            assert stripped(by_fastkml[key].get(column)) == stripped(value)
        number = row["superficie_ha"]
        assert by_fastkml[key].get("superficie_ha") == none(by_gdal[key].get("superficie_ha"))
        assert number is None or float(by_fastkml[key]["superficie_ha"]) == number
    for found in (by_gdal, by_fastkml):
        assert same_shapes([found[key]["geometry"] for key in keys], expected.geometry)


def stripped(value: str | None) -> str:
    """What fastkml makes of a text: it strips, and gives None for nothing."""
    return (value or "").strip()


def none(value: object) -> object:
    return value if isinstance(value, str) else None


degrees = st.floats(-180, 180, width=64)


@given(st.lists(st.lists(st.tuples(degrees, degrees), min_size=1, max_size=6), min_size=1, max_size=6))
@example([[(-0.00000004, 0.00000005)], [(-180.0, 180.0), (9.99999995, -9.99999995), (99.99999996, 100)]])
def test_f20_coordinates_are_off_by_half_a_unit_of_the_last_digit_at_most(sequences: list[list[tuple]]) -> None:
    offsets = np.cumsum([0, *map(len, sequences)])
    coordinates = np.array([vertex for sequence in sequences for vertex in sequence], dtype=float)
    written = sequence_texts(coordinates, offsets).to_pylist()
    for text, sequence in zip(written, sequences, strict=True):
        vertices = text.split()
        assert all(re.fullmatch(r"-?\d{1,3}\.\d{7},-?\d{1,3}\.\d{7}", vertex) for vertex in vertices)
        assert not any(re.search(r"(^|,)(0\d|-0\.0{7}(,|$))", vertex) for vertex in vertices)
        read = np.array([vertex.split(",") for vertex in vertices], dtype=float)
        assert np.abs(read - np.array(sequence)).max() <= 0.5001e-7


def test_f20_no_geometry_is_no_text() -> None:
    assert len(polygon_texts(np.empty(0, dtype=object))) == 0
