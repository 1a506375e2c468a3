import h3
import numpy as np
import pyproj
import pytest
import shapely

from modules.h3_grid.cells import outlines
from modules.h3_grid.grid import GRID, ZONE_GRID
from tests.unit.h3.grids import (
    assert_adds_up,
    fields_of,
    grid_of,
    hectares_by,
    markers_of,
    plain_grid,
    zones_of,
)
from tests.unit.snapshots.invented import outline

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize("resolution", range(5, 13))
def test_hectares_of_cells_add_up_to_those_of_their_field(resolution: int):
    fields = fields_of([outline(number) for number in range(4)])
    grid = grid_of(fields, resolution)
    assert_adds_up(grid, fields)
    assert grid.largest_error < 1e-4
    assert grid.cells.schema.equals(GRID)
    assert grid.cells["campo"].to_pylist() == [
        dict(zip(fields.table["id"].to_pylist(), fields.table["campo"].to_pylist(), strict=True))[each]
        for each in grid.cells["lote_id"].to_pylist()
    ]


def test_the_share_of_a_cell_is_that_of_its_own_outline():
    shape = outline(5, vertices=40)
    cells = grid_of(fields_of([shape]), 9).cells
    for row in cells.to_pylist():
        corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(row["h3_texto"])]
        hexagon = shapely.Polygon(corners)
        whole = abs(GEOD.geometry_area_perimeter(hexagon)[0]) / 1e4
        inside = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(hexagon & shape))[0]) / 1e4
        assert row["celda_ha"] == pytest.approx(whole, rel=1e-4)
        assert row["superficie_ha"] == pytest.approx(inside, rel=1e-3, abs=1e-6)
        assert row["parte_lote"] == pytest.approx(inside / whole, rel=1e-3, abs=1e-6)
        assert (row["parte_lote"] == 1) == shape.contains_properly(hexagon)


def test_rows_are_sorted_and_a_cell_of_two_fields_has_a_row_of_each():
    west, east = shapely.box(-62, -34, -61.995, -33.99), shapely.box(-61.995, -34, -61.99, -33.99)
    fields = fields_of([west, east])
    grid = grid_of(fields, 9)
    assert_adds_up(grid, fields)
    keys = list(zip(grid.cells["h3"].to_pylist(), grid.cells["lote_id"].to_pylist(), strict=True))
    assert keys == sorted(set(keys))
    assert len({cell for cell, _field in keys}) < len(keys)


def test_a_hole_has_no_hectares_and_several_parts_have_all():
    holed = shapely.box(-62, -34, -61.98, -33.98) - shapely.box(-61.995, -33.995, -61.985, -33.985)
    fields = fields_of([holed, shapely.MultiPolygon([outline(1), outline(50)])])
    grid = grid_of(fields, 10)
    assert_adds_up(grid, fields)
    of_holed = grid.cells.filter(np.array(grid.cells["lote_id"].to_pylist()) == "L000000")
    in_hole = shapely.contains_properly(
        shapely.box(-61.995, -33.995, -61.985, -33.985), outlines(of_holed["h3"].to_numpy())
    )
    assert not in_hole.any()


def test_a_field_smaller_than_a_cell_has_one():
    fields = fields_of([shapely.box(-62, -34, -61.99999, -33.99999), shapely.box(-60, -34, -59.9999999, -33.9999999)])
    grid = grid_of(fields, 5)
    assert len(grid.cells) == 2
    assert_adds_up(grid, fields)


def test_a_field_too_thin_to_be_intersected_has_the_cell_it_lies_in():
    sliver = shapely.Polygon([(-62, -34), (-62, np.nextafter(-34, 0)), (np.nextafter(-62, 0), -34)])
    fields = fields_of([sliver, outline(1)])
    assert fields.table["id"].to_pylist() == ["L000000", "L000001"]
    grid = grid_of(fields, 9)
    assert_adds_up(grid, fields)
    row = next(row for row in grid.cells.to_pylist() if row["lote_id"] == "L000000")
    assert row["h3_texto"] == h3.latlng_to_cell(-34, -62, 9)


def test_a_row_tells_its_largest_zone_and_the_other_table_all_of_them():
    grid = plain_grid(3)
    assert grid.zones.schema.equals(ZONE_GRID)
    by_row: dict[tuple[int, str], list[dict]] = {}
    for row in grid.zones.to_pylist():
        by_row.setdefault((row["h3"], row["lote_id"]), []).append(row)
    several = 0
    for row in grid.cells.to_pylist():
        zones = by_row[row["h3"], row["lote_id"]]
        largest = max(zones, key=lambda zone: zone["parte_ambiente"])
        assert (row["ambiente_id"], row["ambiente"]) == (largest["ambiente_id"], largest["ambiente"])
        assert row["parte_ambiente"] == largest["parte_ambiente"] <= row["parte_lote"] * (1 + 1e-6)
        # The two zones of a field are the field.
        assert sum(zone["superficie_ha"] for zone in zones) == pytest.approx(row["superficie_ha"], rel=1e-4)
        several += len(zones) > 1
    assert several > 3


def test_hectares_of_zones_add_up_even_where_one_reaches_over_its_field():
    field = shapely.box(-62, -34, -61.99, -33.99)
    over = shapely.box(-62.005, -34.01, -61.995, -33.98)
    fields = fields_of([field])
    zone = zones_of([over, shapely.box(-61.9, -34, -61.89, -33.99)], [0, 0])
    grid = grid_of(fields, 10, zone)
    expected = fields_of([field & over]).table["superficie_geodesica_ha"].to_pylist()[0]
    assert hectares_by(grid.zones, "ambiente_id") == {"A000000": pytest.approx(expected, rel=1e-4)}
    free = grid.cells.filter(grid.cells["ambiente_id"].is_null())
    assert len(free) > 0
    assert free["parte_ambiente"].null_count == len(free)


def test_zones_of_other_fields_are_left_out():
    grid = grid_of(fields_of([outline(0)]), 10, zones_of([outline(0), outline(0)], [7, 8]))
    assert len(grid.zones) == 0
    assert grid.cells["ambiente_id"].null_count == len(grid.cells)


def test_points_are_counted_in_the_cell_they_lie_in():
    shape = outline(0)
    inside = [shapely.Point(shape.centroid.x + n * 2e-4, shape.centroid.y) for n in range(5)]
    far = shapely.Point(-50, -30)
    points = [*inside, inside[0], far, far]
    # Of a field by name, of one by place, named but far away, of nobody, of a field that is not in the grid.
    markers = markers_of([*points, inside[1]], [0, 0, 0, 0, None, 0, 0, None, 9])
    grid = grid_of(fields_of([shape]), 11, markers=markers)
    counted = {row["h3_texto"]: row["muestreos"] for row in grid.cells.to_pylist() if row["muestreos"]}
    expected: dict[str, int] = {}
    for point in [*inside, inside[0]]:
        cell = h3.latlng_to_cell(point.y, point.x, 11)
        expected[cell] = expected.get(cell, 0) + 1
    assert counted == expected
    assert grid.points_outside == 1
    assert sum(grid.cells["marcadores"].to_pylist()) == 0


def test_other_markers_are_no_samples():
    grid = grid_of(fields_of([outline(0)]), 10, markers=markers_of([outline(0).centroid], [0], kind="marcador"))
    assert sum(grid.cells["marcadores"].to_pylist()) == 1
    assert sum(grid.cells["muestreos"].to_pylist()) == 0


def test_a_grid_in_many_parts_is_that_of_one(monkeypatch: pytest.MonkeyPatch):
    whole = plain_grid(12)
    monkeypatch.setattr("modules.h3_grid.weights._CELLS_AT_ONCE", 7)
    parts = plain_grid(12)
    assert parts.cells.equals(whole.cells)
    assert parts.zones.equals(whole.zones)
