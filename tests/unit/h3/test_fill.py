import h3
import numpy as np
import pyarrow as pa
import pytest
import shapely

from modules.errors import GeometryError
from modules.h3_grid.cells import ancestors, outlines, resolutions_of, texts_of
from modules.h3_grid.fill import Containment, fill, require_placeable
from tests.faults.backups import assert_sentence
from tests.unit.h3.grids import fields_of, grid_of
from tests.unit.snapshots.invented import outline

HOLED = shapely.Polygon(
    [(-62, -34), (-61.98, -34), (-61.98, -33.98), (-62, -33.98)],
    [[(-61.995, -33.995), (-61.985, -33.995), (-61.985, -33.985)]],
)
SHAPES = {
    "field": outline(3),
    "hole": HOLED,
    "two parts": shapely.MultiPolygon([outline(1), outline(40)]),
    "thin": shapely.LineString([(-62, -34), (-61.97, -33.99)]).buffer(1e-5),
    "smaller than a cell": shapely.box(-62, -34, -61.9999, -33.9999),
    "north": shapely.transform(outline(3), lambda xy: xy + np.array([70, 94])),
    "equator": shapely.transform(outline(3), lambda xy: xy + np.array([30, 34])),
}


def wkb_of(*shapes: shapely.Geometry) -> pa.Array:
    return pa.array([shape.wkb for shape in shapes], pa.binary())


def around(shape: shapely.Geometry, resolution: int) -> np.ndarray:
    """All cells near a shape, by walking from its boundary and inside: none that meets it is missing."""
    step = h3.average_hexagon_edge_length(resolution, unit="m") / 111_000 / 4
    west, south, east, north = shape.bounds
    points = [
        (y, x) for part in shapely.get_parts(shape) for x, y in shapely.get_coordinates(shapely.segmentize(part, step))
    ]
    lon, lat = np.meshgrid(np.arange(west, east + step, step), np.arange(south, north + step, step))
    inside = shapely.contains_xy(shape, lon, lat)
    points += list(zip(lat[inside], lon[inside], strict=True))
    near = {cell for lat_lon in points for cell in h3.grid_disk(h3.latlng_to_cell(*lat_lon, resolution), 1)}
    return np.array(sorted(h3.str_to_int(cell) for cell in near), dtype=np.uint64)


@pytest.mark.parametrize("resolution", [8, 10])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_the_cells_of_a_field_are_all_that_share_area_with_it(shape: shapely.Geometry, resolution: int):
    near = around(shape, resolution)
    expected = near[shapely.area(shapely.intersection(outlines(near), shape)) > 0]
    filled = fill(wkb_of(shape), resolution)
    assert sorted(filled.cells.tolist()) == expected.tolist()
    assert filled.counts.tolist() == [len(expected)]


def test_centre_mode_is_that_of_h3_itself():
    shapes = [outline(number) for number in range(30)]
    filled = fill(wkb_of(*shapes), 10, Containment.CENTRE)
    for number, shape in enumerate(shapes):
        expected = {h3.str_to_int(cell) for cell in h3.geo_to_cells(shape, 10)}
        assert set(filled.cells[filled.owner == number].tolist()) == expected
        assert filled.counts[number] == len(expected)


def test_nothing_fills_nothing():
    filled = fill(pa.array([], pa.binary()), 9)
    assert (len(filled.cells), len(filled.owner), len(filled.counts)) == (0, 0, 0)


def test_numbers_of_cells_are_read_as_h3_reads_them():
    cells = [h3.latlng_to_cell(-34 + n / 50, -62 + n / 70, n % 16) for n in range(64)]
    numbers = np.array([h3.str_to_int(cell) for cell in cells], dtype=np.uint64)
    assert resolutions_of(numbers).tolist() == [h3.get_resolution(cell) for cell in cells]
    assert texts_of(numbers).to_pylist() == cells
    fine = numbers[resolutions_of(numbers) >= 6]
    assert ancestors(fine, 6).tolist() == [h3.str_to_int(h3.cell_to_parent(h3.int_to_str(int(n)), 6)) for n in fine]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(-62, 90, -61.99, 91),
        shapely.box(180, -34, 181, -33.99),
        shapely.Point(-62, -34),
        shapely.Polygon(),
        None,
        shapely.Polygon([(-62, -34), (-61, -34), (-61, np.inf), (-62, -34)]),
    ],
    ids=["latitude 91", "longitude 181", "point", "empty", "null", "infinity"],
)
def test_f17_impossible_coordinates_are_refused_before_h3_sees_them(
    shape: shapely.Geometry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("h3ronpy.vector.wkb_to_cells", lambda *_: pytest.fail("H3 saw it"))
    shapes = np.array([outline(1), shape, outline(2)], dtype=object)
    with pytest.raises(GeometryError) as caught:
        require_placeable(shapes, ["1", "La Escondida 7", "3"])
    assert_sentence(caught.value)
    assert (caught.value.values["count"], caught.value.values["name"]) == ("1", "La Escondida 7")


@pytest.mark.parametrize(
    "shape",
    [shapely.box(-62, 86, -61.9, 86.1), shapely.box(-62, -86.1, -61.9, -86), shapely.box(-179, -34, 179, -33.99)],
    ids=["north pole", "south pole", "around the globe"],
)
def test_f17_places_where_a_grid_would_be_wrong_are_refused_before_h3_sees_them(
    shape: shapely.Geometry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("h3ronpy.vector.wkb_to_cells", lambda *_: pytest.fail("H3 saw it"))
    with pytest.raises(GeometryError, match=r"pole|polo") as caught:
        grid_of(fields_of([outline(1), shape]), 9)
    assert_sentence(caught.value)


def test_a_field_on_the_antimeridian_is_refused():
    with pytest.raises(GeometryError, match="180") as caught:
        grid_of(fields_of([shapely.box(179.99, -17, 180, -16.99)]), 9)
    assert_sentence(caught.value)
    near = grid_of(fields_of([shapely.box(179.9, -17, 179.98, -16.99)]), 9)
    assert near.largest_error < 1e-4
