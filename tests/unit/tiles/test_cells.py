"""Tiles of H3 grids: the parent cells of the zoom, every one that touches the tile, with sums that are whole."""

from __future__ import annotations

import h3
import numpy as np
import pyarrow as pa
import pytest
import shapely

from modules.errors import RequestError
from modules.tiles.cells import CellSource, resolution_of
from modules.tiles.mercator import project
from modules.tiles.request import TileAddress, Wanted
from tests.mvt import decode

EXTENT = 4096
CENTRE = (-34.0, -62.0)


RINGS = 16
CELLS = 1 + 3 * RINGS * (RINGS + 1)


def source(rings: int = RINGS) -> CellSource:
    cells = np.array(
        sorted(h3.str_to_int(cell) for cell in h3.grid_disk(h3.latlng_to_cell(*CENTRE, 8), rings)), np.uint64
    )
    number = np.arange(len(cells))
    texts = {
        "lote_id": [f"L{each}" for each in number // 4],
        "campo_id": [f"C{each % 2}" for each in number // 4],
        "campo": [f"Campo {each % 2}" for each in number // 4],
        "cultivo": [("soja", "maíz", None)[each % 3] for each in number // 4],
    }
    table = pa.table(
        {"h3": cells}
        | {name: pa.array(values).dictionary_encode() for name, values in texts.items()}
        | {"superficie_ha": np.full(len(cells), 2.0), "muestreos": number % 2, "marcadores": number * 0}
    )
    return CellSource(table)


def at(zoom: int, dx: int = 0) -> TileAddress:
    x, y = (int(each) >> (30 - zoom) for each in project(np.array([[CENTRE[1], CENTRE[0]]]))[0])
    return TileAddress(zoom, x + dx, y)


@pytest.mark.parametrize("zoom", [0, 4, 7, 9])
def test_cells_of_all_tiles_add_up(zoom: int):
    grid = source()
    seen: dict[str, dict[str, object]] = {}
    middle = at(zoom)
    for x in range(max(0, middle.x - 1), min(1 << zoom, middle.x + 2)):
        for y in range(max(0, middle.y - 1), min(1 << zoom, middle.y + 2)):
            tile = decode(grid.tile(TileAddress(zoom, x, y), Wanted(("superficie_ha", "muestreos", "lotes", "h3"))))
            for feature in tile["shapes"].features if tile else []:
                known = seen.setdefault(str(feature.properties["id"]), feature.properties)
                assert known == feature.properties
                assert feature.properties["h3"] == feature.properties["id"]
                assert shapely.is_valid(feature.geometry())
    assert sum(float(str(each["superficie_ha"])) for each in seen.values()) == 2.0 * CELLS
    assert sum(int(str(each["muestreos"])) for each in seen.values()) == CELLS // 2
    assert {h3.get_resolution(each) for each in seen} == {min(8, resolution_of(zoom, 8))}


def test_every_cell_that_touches_a_tile_is_in_it():
    grid = source()
    place = at(11)
    there = {feature.properties["id"] for feature in decode(grid.tile(place, Wanted()))["shapes"].features}
    x, y = place.x * EXTENT, place.y * EXTENT
    tile = shapely.box(x, y, x + EXTENT, y + EXTENT)
    for cell in h3.grid_disk(h3.latlng_to_cell(*CENTRE, 8), RINGS):
        corners = np.array([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])
        outline = shapely.Polygon(project(corners) / (1 << (30 - 12 - 11)))
        if outline.intersects(tile):
            assert cell in there
        elif not outline.envelope.intersects(tile.buffer(65)):
            assert cell not in there


def test_a_filter_chooses_rows_before_they_are_summed_up():
    grid = source()
    whole = decode(grid.tile(at(0), Wanted(("superficie_ha",))))["shapes"].features
    farm = decode(grid.tile(at(0), Wanted(("superficie_ha", "campo"), farms=frozenset({"C1"}))))["shapes"].features
    total, of_farm = (sum(each.properties["superficie_ha"] for each in features) for features in (whole, farm))
    assert 0.4 * total < of_farm < 0.6 * total
    assert {each.properties["campo"] for each in farm} == {"Campo 1"}
    assert grid.tile(at(0), Wanted(crops=frozenset({"girasol"}))) == b""
    with pytest.raises(RequestError):
        grid.tile(at(0), Wanted(("nothing",)))


def test_a_cell_of_any_drawn_resolution_is_told():
    grid = source()
    record = grid.record(h3.latlng_to_cell(*CENTRE, 6))
    assert record is not None
    assert record["values"]["superficie_ha"] > 2
    assert grid.record(h3.latlng_to_cell(*CENTRE, 9)) is None
    assert grid.record("nonsense") is None
    assert grid.info()["rows"] == CELLS
    assert grid.search("campo 1", Wanted()) == []
