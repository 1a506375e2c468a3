"""Sources of drawn shapes, and their tiles read back and joined, for tests of tiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from modules.tiles.columns import Column, columns_of
from modules.tiles.request import TileAddress, Wanted
from modules.tiles.shapes import shapes_of
from modules.tiles.vector import VectorSource
from tests.mvt import Feature, decode

#: Units of a tile in two pixels.
TWO_PIXELS = 16
EXTENT = 4096


def source_of(shapes: Sequence[Any], **columns: Sequence[Any]) -> VectorSource:
    """Make a source of geometries in degrees, whose ids are `r0`, `r1` and so on."""
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    ids = [f"r{number}" for number in range(len(shapes))]
    table = pa.table({"id": pa.array(ids, pa.string()), **columns})
    middle = len(geometry) // 2
    names = Column.of(pa.array([f"name of {each}" for each in ids], pa.string()))
    return VectorSource(shapes_of([geometry[:middle], geometry[middle:]]), columns_of(table, table.column_names), names)


def to_degrees(shape: Any, zoom: int) -> Any:
    """Take a geometry from units of a zoom's tiles over the whole world to degrees."""
    whole = EXTENT << zoom

    def unprojected(xy: np.ndarray) -> np.ndarray:
        latitude = np.degrees(np.arctan(np.sinh((0.5 - xy[:, 1] / whole) * 2 * np.pi)))
        return np.column_stack([(xy[:, 0] / whole - 0.5) * 360, latitude])

    return shapely.transform(shape, unprojected)


@dataclass
class Joined:
    """What tiles say together, in units of the zoom's tiles over the whole world.

    fields: by id, each with the tile it was in; cells: merged ones by their place
    """

    fields: dict[str, list[tuple[TileAddress, Feature, Any]]] = field(default_factory=lambda: defaultdict(list))
    cells: dict[tuple[int, int], Feature] = field(default_factory=dict)
    labels: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


def join(source: VectorSource, tiles: Sequence[TileAddress], wanted: Wanted | None = None) -> Joined:
    joined = Joined()
    for at in tiles:
        layers = decode(source.tile(at, wanted or Wanted()))
        corner = np.array([at.x, at.y]) * EXTENT
        for each in layers["shapes"].features if "shapes" in layers else []:
            shape = shapely.transform(each.geometry(), lambda xy, corner=corner: xy + corner)
            assert shapely.is_valid(shape), shapely.is_valid_reason(shape)
            if "n" in each.properties:
                west, north, _east, _south = shape.bounds
                known = joined.cells.setdefault((int(west), int(north)), each)
                assert known.properties == each.properties
            else:
                joined.fields[each.properties["id"]].append((at, each, shape))
        for each in layers["labels"].features if "labels" in layers else []:
            ((place,),) = each.parts
            assert all(0 <= number < EXTENT for number in place)
            assert each.properties["name"] == f"name of {each.properties['id']}"
            joined.labels[each.properties["id"]].append((place[0] + int(corner[0]), place[1] + int(corner[1])))
    return joined


def window(at: TileAddress, margin: float) -> Any:
    x, y = at.x * EXTENT, at.y * EXTENT
    return shapely.box(x - margin, y - margin, x + EXTENT + margin, y + EXTENT + margin)


def tiles_over(bounds: Sequence[float], zoom: int) -> list[TileAddress]:
    """Tell the tiles that touch a box in units of the zoom's tiles, those of the world alone."""
    (west, north), (east, south) = (np.floor(np.array(each) / EXTENT).astype(int) for each in (bounds[:2], bounds[2:]))
    last = (1 << zoom) - 1
    return [
        TileAddress(zoom, x, y)
        for x in range(max(west, 0), min(east, last) + 1)
        for y in range(max(north, 0), min(south, last) + 1)
    ]
