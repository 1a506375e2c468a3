"""Whatever geometry comes in: rows in = rows out + rejected, and what stays is sound and reads back the same."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.domain.layers import Layer
from modules.exporters.geojson import geojson_shapes, write_geojson
from modules.exporters.geopackage import write_geopackage
from modules.exporters.geoparquet import geometry_types_of, read_geoparquet, write_geoparquet
from modules.geometry.checks import POLYGONAL
from modules.snapshots.layers import CheckedLayer, check_layer
from tests.unit.snapshots.invented import field_row, layer_of
from tests.unit.snapshots.shapes import same_shapes

#: To 0.1 µm: what is nearer together, GEOS and the readers here take for one point now and then. `wild` has it.
longitudes = st.floats(-180, 180, width=64).map(lambda degrees: round(degrees, 12))
latitudes = st.floats(-90, 90, width=64).map(lambda degrees: round(degrees, 12))
wild = st.floats(allow_nan=True, allow_infinity=True, width=64)
rings = st.lists(st.tuples(longitudes, latitudes), min_size=3, max_size=9)
wild_rings = st.lists(st.tuples(wild, wild), min_size=3, max_size=5)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


def polygon_of(ring: list[tuple[float, float]]) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        # It begins and ends at a finite point: shapely holds no ring that NaN would have to close.
        return shapely.Polygon([(0, 0), *ring, (0, 0)])


polygons = st.one_of(rings, wild_rings).map(polygon_of)
anything = st.one_of(
    polygons,
    st.lists(rings.map(polygon_of), min_size=1, max_size=3).map(shapely.MultiPolygon),
    st.none(),
    st.just(shapely.Polygon()),
    st.tuples(longitudes, latitudes).map(shapely.Point),
)


def rows_of(names: list[str]) -> list[dict[str, object]]:
    return [field_row(number, lote=name, cultivo=name or None) for number, name in enumerate(names)]


def checked_fields(shapes: list[object], names: list[str] | None = None) -> CheckedLayer:
    return check_layer(layer_of(Layer.FIELDS, rows_of(names or ["lote"] * len(shapes)), shapes), None)


@pytest.mark.slow
@given(st.lists(anything, max_size=12))
@settings(max_examples=100)
def test_rows_in_are_rows_out_and_rejected(shapes: list[object]):
    with np.errstate(invalid="ignore", over="ignore"):
        checked = checked_fields(shapes)
    kept, rejected = checked.table["id"].to_pylist(), [each.id for each in checked.rejected]
    assert checked.rows_in == len(shapes) == len(kept) + len(rejected)
    assert sorted(kept + rejected) == [f"L{number:06}" for number in range(len(shapes))]
    assert len(checked.geometry) == len(checked.wkb) == len(checked.bounds) == len(kept)
    assert shapely.is_valid(checked.geometry).all()
    assert np.isin(shapely.get_type_id(checked.geometry), POLYGONAL).all()
    assert np.isfinite(checked.bounds).all()
    assert (checked.table["superficie_geodesica_ha"].to_numpy() >= 0).all()


good_shapes = st.lists(rings.map(shapely.Polygon), min_size=1, max_size=6)


@pytest.mark.slow
@given(good_shapes, st.data())
@settings(max_examples=40)
def test_f20_every_format_reads_back_the_same(shapes: list[object], data: st.DataObject):
    names = data.draw(st.lists(texts, min_size=len(shapes), max_size=len(shapes)))
    layer = checked_fields(shapes, names)
    with tempfile.TemporaryDirectory() as folder:
        parquet, package, geojson = (Path(folder) / name for name in ("a.parquet", "a.gpkg", "a.geojson"))
        write_geoparquet(parquet, layer.table, layer.wkb, layer.bounds, geometry_types_of(layer.geometry))
        write_geopackage(package, "lotes", layer.people_table(), layer.wkb)
        write_geojson(geojson, layer.people_table(), geojson_shapes(layer.geometry))
        table, wkb = read_geoparquet(parquet)
        frame = pyogrio.read_dataframe(package)
        features = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    assert table.equals(layer.table)
    assert wkb.equals(layer.wkb)
    ids, names = layer.table["id"].to_pylist(), layer.table["lote"].to_pylist()
    assert frame["id"].tolist() == [feature["id"] for feature in features] == ids
    assert frame["lote"].tolist() == [feature["properties"]["lote"] for feature in features] == names
    if ids:
        read = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
        assert same_shapes(frame.geometry, layer.geometry)
        assert same_shapes(read, layer.geometry)
