"""What reaches far beyond a tile is cut off; what reaches a little stays whole, so that no false edge is drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from modules.tiles.grid import EXTENT, ragged_of, snapped
from modules.tiles.ragged import EMPTY, Kind, Ragged, joined
from modules.tiles.request import BUFFER, TileAddress
from modules.tiles.shapes import bounds_of, geometries_of

#: How far beyond the tile's edge is far, in its units. MapLibre takes coordinates of up to two tiles beyond.
_REACH: Final = EXTENT // 2


def clipped(shapes: Ragged, at: TileAddress) -> Ragged:
    """Cut shapes on the grid of the tile's zoom at the tile's buffer, where they reach far beyond it."""
    if not len(shapes):
        return EMPTY
    x, y = at.corner
    west, north, east, south = bounds_of(shapes).T
    far = (west < x - _REACH) | (north < y - _REACH) | (east > x + EXTENT + _REACH) | (south > y + EXTENT + _REACH)
    far &= shapes.kind != Kind.POINT
    if not far.any():
        return shapes
    window = shapely.box(x - BUFFER, y - BUFFER, x + EXTENT + BUFFER, y + EXTENT + BUFFER)
    parts = [shapes.take(~far)]
    lines, polygons = (shapes.take(far & (shapes.kind == kind)) for kind in (Kind.LINE, Kind.POLYGON))
    if len(lines):
        within = shapely.intersection(geometries_of(lines), window, grid_size=1.0)
        parts.append(ragged_of(within, lines.shape, Kind.LINE))
    if len(polygons):
        # Not with `grid_size`, which makes nothing of a thin strip.
        parts.append(snapped(shapely.intersection(geometries_of(polygons), window), polygons.shape))
    return joined(parts)


def moved_to_corner(shapes: Ragged, at: TileAddress) -> Ragged:
    """Move shapes from the grid of the zoom to that of a tile."""
    x, y = at.corner
    return Ragged(
        shapes.shape,
        shapes.kind,
        shapes.rings,
        shapes.hole,
        shapes.starts,
        shapes.x - np.int32(x),
        shapes.y - np.int32(y),
    )
