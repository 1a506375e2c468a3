"""Tiles of what is not plain: holes, several parts, the world's edges, thin strips, points, lines and mixtures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from modules.domain.names import NO_CROP
from modules.errors import RequestError
from modules.tiles.mercator import WORLD, project, unproject
from modules.tiles.request import TileAddress, Wanted
from tests.mvt import LINE, POINT, POLYGON, decode, surveyed
from tests.unit.tiles.worlds import EXTENT, join, source_of, tiles_over, to_degrees, window


def square(x: float, y: float, side: float) -> shapely.Polygon:
    return shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def tile_at(x: float, y: float, zoom: int) -> TileAddress:
    return TileAddress(zoom, int(x // EXTENT), int(y // EXTENT))


def test_a_place_comes_back_from_web_mercator():
    places = np.array([[-62.5, -34.25], [0.0, 0.0], [180.0, 85.0], [-180.0, -85.0]])
    for place, (x, y) in zip(places, project(places).tolist(), strict=True):
        assert unproject(x, y) == pytest.approx(place, abs=4e-7)
    assert project(np.array([[0.0, 0.0]])).tolist() == [[WORLD // 2, WORLD // 2]]


def test_a_hole_is_wound_the_other_way_and_stands_after_its_ring():
    field = square(50_000, 50_000, 600) - square(50_000, 50_000, 300)
    source = source_of([to_degrees(field, 5)])
    (feature,) = decode(source.tile(tile_at(50_000, 50_000, 5), Wanted()))["shapes"].features
    assert [surveyed(ring) > 0 for ring in feature.parts] == [True, False]
    assert feature.geometry().area == pytest.approx(field.area, rel=0.01)
    ((x, y),) = decode(source.tile(tile_at(50_000, 50_000, 5), Wanted()))["labels"].features[0].parts[0]
    assert feature.geometry().distance(shapely.Point(x, y)) == 0


def test_an_island_in_a_hole_is_a_polygon_of_its_own():
    field = shapely.MultiPolygon(
        [square(50_000, 50_000, 900) - square(50_000, 50_000, 500), square(50_000, 50_000, 200)]
    )
    source = source_of([to_degrees(field, 5)])
    (feature,) = decode(source.tile(tile_at(50_000, 50_000, 5), Wanted()))["shapes"].features
    assert sorted(len(polygon.interiors) for polygon in feature.polygons()) == [0, 1]


def test_a_field_larger_than_tiles_is_cut_at_their_buffer_and_fills_each_of_them():
    field = square(10.5 * EXTENT, 10.5 * EXTENT, 12 * EXTENT)
    source = source_of([to_degrees(field, 6)])
    at = TileAddress(6, 10, 10)
    (feature,) = decode(source.tile(at, Wanted()))["shapes"].features
    assert feature.geometry().bounds == (-64, -64, EXTENT + 64, EXTENT + 64)
    joined = join(source, tiles_over(field.bounds, 6))
    whole = shapely.union_all([shape.intersection(window(at, 0)) for at, _feature, shape in joined.fields["r0"]])
    assert whole.symmetric_difference(field).area < field.area * 1e-3


def test_a_field_on_an_edge_is_whole_in_both_tiles():
    x, y = 20 * EXTENT, 20.5 * EXTENT
    source = source_of([to_degrees(square(x, y, 400), 8)])
    shapes = [
        shape for _at, _feature, shape in join(source, [TileAddress(8, 19, 20), TileAddress(8, 20, 20)]).fields["r0"]
    ]
    assert len(shapes) == 2
    assert shapes[0].equals(shapes[1])


def test_a_field_over_the_antimeridian_is_seen_on_both_sides():
    one = shapely.box(179.99, -17.02, 180, -17)
    other = shapely.box(-180, -17.02, -179.99, -17)
    across = shapely.Polygon([(179.99, -17.1), (-179.99, -17.1), (-179.99, -17.08), (179.99, -17.08)])
    source = source_of([shapely.MultiPolygon([one, other]), across])
    y = int(project(np.array([[0.0, -17.05]]))[0, 1]) >> (30 - 10)
    for x in (0, 1023):
        features = decode(source.tile(TileAddress(10, x, y), Wanted()))["shapes"].features
        assert {feature.properties["id"] for feature in features} == {"r0", "r1"}
        for feature in features:
            assert feature.geometry().area < EXTENT * EXTENT / 4
            west, _north, east, _south = feature.geometry().bounds
            assert (west < 0 < east) if x == 0 else (west < EXTENT < east)
    assert decode(source.tile(TileAddress(10, 512, y), Wanted())) == {}
    labels = [decode(source.tile(TileAddress(10, x, y), Wanted())).get("labels") for x in (0, 1023)]
    assert sum(len(layer.features) for layer in labels if layer) == 2


def test_what_is_wider_than_half_the_globe_is_drawn_as_wide_as_it_is():
    globe = shapely.box(-180, -80, 180, 80) - shapely.box(-100, -10, -90, 10)
    belt = shapely.segmentize(shapely.box(-150, -40, 150, -20), 50)
    line = shapely.LineString([(-120, 30), (0, 30), (120, 30)])
    source = source_of([globe, belt, line])
    found = decode(source.tile(TileAddress(0, 0, 0), Wanted()))["shapes"].features
    # The largest of each: of what lies at the world's edge a copy is drawn beyond the other one.
    shapes = sorted(
        ((feature.properties["id"], feature.geometry()) for feature in found), key=lambda each: each[1].area
    )
    drawn = dict(shapes)
    assert drawn["r0"].bounds[2] - drawn["r0"].bounds[0] >= EXTENT
    assert drawn["r0"].contains(shapely.Point(EXTENT / 2, EXTENT / 2))
    assert not drawn["r0"].contains(shapely.Point(EXTENT * 85 / 360, EXTENT / 2))
    for name, width in (("r1", 300), ("r2", 240)):
        west, _north, east, _south = drawn[name].bounds
        assert (east - west, east + west) == (pytest.approx(EXTENT * width / 360, abs=2), pytest.approx(EXTENT, abs=2))


def test_what_lies_beyond_web_mercator_is_left_out_and_stays_a_row():
    source = source_of([shapely.box(10, 86, 11, 87), shapely.Point(0, 90), shapely.box(10, 84, 11, 86)])
    features = decode(source.tile(TileAddress(0, 0, 0), Wanted()))["shapes"].features
    assert [feature.properties["id"] for feature in features] == ["r2"]
    assert source.info()["rows"] == 3
    assert source.record("r0")["centre"] is None


def test_a_strip_thinner_than_the_grid_is_still_seen():
    strip = shapely.LineString([(40_000, 40_000), (41_000, 40_700)]).buffer(0.05)
    source = source_of([to_degrees(strip, 6)])
    (feature,) = decode(source.tile(tile_at(40_500, 40_350, 6), Wanted()))["shapes"].features
    assert feature.geometry().length > 2000


def test_small_fields_are_one_square_with_the_attributes_of_the_largest():
    fields = [square(40_003 + n, 40_003, side) for n, side in enumerate((2, 9, 4))]
    source = source_of([to_degrees(each, 7) for each in fields], cultivo=["soja", "maíz", None])
    layers = decode(source.tile(tile_at(40_003, 40_003, 7), Wanted(("cultivo",))))
    (feature,) = layers["shapes"].features
    assert feature.properties == {"id": "r1", "cultivo": "maíz", "n": 3}
    assert feature.id == 1
    assert feature.geometry().area == 16**2
    assert "labels" not in layers
    chosen = decode(source.tile(tile_at(40_003, 40_003, 7), Wanted(("cultivo",), crops=frozenset({"soja", NO_CROP}))))
    assert chosen["shapes"].features[0].properties == {"id": "r2", "n": 2}


def test_points_and_lines_are_drawn_as_they_are():
    mixed = [
        shapely.Point(40_100, 40_100),
        shapely.MultiPoint([(40_200, 40_300), (40_300, 40_200)]),
        shapely.LineString([(40_000, 40_000), (40_500, 40_100), (40_900, 40_900)]),
        shapely.GeometryCollection([shapely.Point(40_600, 40_600), square(40_700, 40_700, 90)]),
        shapely.LineString([(40_800, 40_200), (40_800.2, 40_200)]),
        None,
        shapely.Polygon(),
    ]
    source = source_of([each and to_degrees(each, 9) for each in mixed])
    features = decode(source.tile(tile_at(40_500, 40_500, 9), Wanted()))["shapes"].features
    kinds = sorted((feature.properties["id"], feature.kind) for feature in features)
    assert kinds == [("r0", POINT), ("r1", POINT), ("r2", LINE), ("r3", POINT), ("r3", POLYGON), ("r4", LINE)]
    assert source.info()["kind"] == "mixed"


def test_points_in_one_cell_are_one_with_their_number():
    points = [shapely.Point(40_001 + n, 40_001) for n in range(5)] + [shapely.Point(40_500, 40_001)]
    source = source_of([to_degrees(each, 9) for each in points])
    features = decode(source.tile(tile_at(40_001, 40_001, 9), Wanted()))["shapes"].features
    assert sorted(feature.properties.get("n", 1) for feature in features) == [1, 5]


def test_only_what_is_asked_for_is_in_a_tile():
    source = source_of([to_degrees(square(40_000, 40_000, 500), 9)], cultivo=["soja"], hectares=[7.25], seen=[True])
    at = tile_at(40_000, 40_000, 9)
    assert decode(source.tile(at, Wanted()))["shapes"].features[0].properties == {"id": "r0"}
    everything = decode(source.tile(at, Wanted(("cultivo", "hectares", "name", "seen"))))
    expected = {"id": "r0", "cultivo": "soja", "hectares": 7.25, "name": "name of r0", "seen": True}
    assert everything["shapes"].features[0].properties == expected
    assert everything["labels"].features[0].properties == expected
    with pytest.raises(RequestError, match="colour"):
        source.tile(at, Wanted(("colour",)))
    with pytest.raises(RequestError, match="campo_id"):
        source.tile(at, Wanted(farms=frozenset({"C1"})))


@pytest.mark.parametrize("text", ["-1", "x", "1.0", "99999999999999999999", "٣", ""])
def test_what_is_no_tile_is_refused(text: str):
    with pytest.raises(RequestError):
        TileAddress.parse("3", text, "1")
    with pytest.raises(RequestError):
        TileAddress.parse(text, "0", "0")
    assert TileAddress.parse("3", "7", "0") == TileAddress(3, 7, 0)


@pytest.mark.parametrize("row", [8, 9])
def test_no_tile_lies_beside_the_world(row: int):
    with pytest.raises(RequestError):
        TileAddress.parse("3", "0", str(row))


def test_gdal_reads_the_same(tmp_path: Path):
    fields = [square(37_500 + 700 * n, 40_400, 300 + 30 * n) - square(37_500 + 700 * n, 40_400, 60) for n in range(4)]
    source = source_of([to_degrees(each, 9) for each in fields], cultivo=["soja", None, "maíz", "ñu"])
    path = tmp_path / "9" / "9" / "9.mvt"
    path.parent.mkdir(parents=True)
    path.write_bytes(source.tile(tile_at(40_500, 40_400, 9), Wanted(("cultivo",))))
    at = os.fspath(path)
    meta, _fids, wkb, columns = pyogrio.raw.read(at, layer="shapes", CLIP="NO")
    found = dict(zip(meta["fields"], columns, strict=True))
    assert found["id"].tolist() == ["r0", "r1", "r2", "r3"]
    assert found["cultivo"].tolist() == ["soja", None, "maíz", "ñu"]
    shapes = shapely.from_wkb(wkb)
    assert shapely.is_valid(shapes).all()
    pixel = (shapely.area(shapes) / np.array([each.area for each in fields])).tolist()
    assert pixel == pytest.approx([pixel[0]] * 4, rel=0.02)
