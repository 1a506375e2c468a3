"""Whatever field it is: it has a cell, its cells touch it, and their hectares are its own."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modules.h3_grid.cells import outlines
from modules.h3_grid.compaction import compacted, expanded
from modules.h3_grid.parents import parents
from modules.h3_grid.resolution import Place, cell_hectares
from tests.unit.h3.grids import assert_adds_up, fields_of, grid_of, hectares_by, zones_of

#: Cells of the largest field: enough for every case, few enough to be fast.
_CELLS = 300


@st.composite
def stars(draw: st.DrawFn, lon: float, lat: float, reach: float) -> shapely.Polygon:
    """A polygon around a place whose corners are at any distance up to `reach` degrees."""
    reaches = draw(st.lists(st.floats(0.02, 1), min_size=3, max_size=10))
    angle = np.linspace(0, 2 * np.pi, len(reaches), endpoint=False)
    wide = reach / np.cos(np.radians(lat))
    return shapely.Polygon(np.c_[lon + wide * np.cos(angle) * reaches, lat + reach * np.sin(angle) * reaches])


@st.composite
def fields_at(draw: st.DrawFn, coarsest: int = 5) -> tuple[shapely.Geometry, int]:
    """A field, perhaps with holes or of several parts, anywhere between the polar circles, and a resolution."""
    resolution = draw(st.integers(coarsest, 12))
    lon, lat = draw(st.floats(-170, 170)), draw(st.floats(-66, 66))
    most = (_CELLS * cell_hectares(resolution, Place(lon, lat)) * 1e4) ** 0.5 / 111_000 / 2
    reach = most * draw(st.floats(0.001, 1))
    parts = [draw(stars(lon + n * 2 * reach, lat, reach)) for n in range(draw(st.integers(1, 2)))]
    whole = shapely.union_all(shapely.make_valid(parts))
    for _hole in range(draw(st.integers(0, 2))):
        whole = whole - draw(stars(lon, lat, reach * draw(st.floats(0.01, 0.5))))
    return whole, resolution


@pytest.mark.slow
@given(st.lists(fields_at(), min_size=1, max_size=4))
@settings(max_examples=150)
def test_every_hectare_is_in_a_cell(drawn: list[tuple[shapely.Geometry, int]]):
    resolution = min(resolution for _shape, resolution in drawn)
    shapes = [shape for shape, _resolution in drawn]
    fields = fields_of(shapes)
    if not len(fields.table):  # all of it was cut away by holes
        return
    grid = grid_of(fields, resolution)
    assert_adds_up(grid, fields)
    row_of = {each: row for row, each in enumerate(fields.table["id"].to_pylist())}
    owners = np.array([row_of[each] for each in grid.cells["lote_id"].to_pylist()])
    assert shapely.intersects(outlines(grid.cells["h3"].to_numpy()), fields.geometry[owners]).all()
    assert (grid.cells["parte_lote"].to_numpy() <= 1 + 1e-6).all()
    short = compacted(grid.cells)
    assert expanded(short, resolution)["h3"].equals(grid.cells["h3"])
    total = grid.cells["superficie_ha"].to_numpy().sum()
    np.testing.assert_allclose(parents(grid.cells, 3)["superficie_ha"].to_numpy().sum(), total, rtol=1e-9)


# Up to some 3,000 ha: on longer edges the corners that the cut adds change a field, and that is no matter of grids.
@pytest.mark.slow
@given(fields_at(coarsest=9), st.floats(0.1, 0.9))
@settings(max_examples=60)
@example((shapely.box(-62, -34, -61.99, -33.99), 9), 0.5)
def test_zones_that_are_a_field_have_all_of_its_hectares(drawn: tuple[shapely.Geometry, int], share: float):
    shape, resolution = drawn
    if shape.is_empty:
        return
    west, south, east, north = shape.bounds
    middle = west + share * (east - west)
    halves = [shape & shapely.box(west - 1, south - 1, middle, north + 1)]
    halves += [shape & shapely.box(middle, south - 1, east + 1, north + 1)]
    fields, zones = fields_of([shape]), zones_of(halves, [0, 0])
    if len(fields.table) == 0:
        return
    grid = grid_of(fields, resolution, zones)
    found = hectares_by(grid.zones, "ambiente_id")
    expected = dict(zip(zones.table["id"].to_pylist(), zones.table["superficie_geodesica_ha"].to_pylist(), strict=True))
    to_a_thousandth_of_the_field = 1e-3 * fields.hectares + 1e-6
    for id_, hectares in expected.items():
        np.testing.assert_allclose(found.get(id_, 0.0), hectares, rtol=0, atol=to_a_thousandth_of_the_field)
