"""H3 indexes as plain numbers, whole arrays at once.

Bits of an index from the highest: 1 reserved, 4 mode, 3 reserved, 4 resolution, 7 base cell, then 15 digits of 3 bits,
of which those below the resolution are 7 (https://h3geo.org/docs/core-library/h3Indexing/).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from modules.errors import GeometryError
from modules.geometry.batches import Geometries
from modules.i18n import N_

Cells = NDArray[np.uint64]

#: The finest resolution there is.
FINEST: Final = 15
_RESOLUTION_SHIFT: Final = np.uint64(52)
_RESOLUTION_MASK: Final = np.uint64(0xF) << _RESOLUTION_SHIFT
_DIGIT_BITS: Final = 3
#: An outline wider than this goes around the back of the globe: it crosses the antimeridian.
_HALF_TURN_DEG: Final = 180.0


def resolutions_of(cells: Cells) -> NDArray[np.int64]:
    """Tell the resolution of each cell."""
    return ((cells & _RESOLUTION_MASK) >> _RESOLUTION_SHIFT).astype(np.int64)


def ancestors(cells: Cells, resolution: int) -> Cells:
    """Give the cell of `resolution` that each cell belongs to; none of them may be coarser than that."""
    unused = np.uint64((1 << (_DIGIT_BITS * (FINEST - resolution))) - 1)
    return (cells & ~_RESOLUTION_MASK) | (np.uint64(resolution) << _RESOLUTION_SHIFT) | unused


def texts_of(cells: Cells) -> pa.Array:
    """Write cells as H3 does, in hexadecimal."""
    from h3ronpy import cells_to_string

    return pa.array(cells_to_string(pa.array(cells))).cast(pa.string())


def outlines_wkb(cells: Cells) -> pa.Array:
    """Draw cells as little-endian ISO WKB polygons in WGS84 lon/lat degrees."""
    from h3ronpy.vector import cells_to_wkb_polygons

    return pa.array(cells_to_wkb_polygons(pa.array(cells)), type=pa.binary())


def outlines(cells: Cells) -> Geometries:
    """Draw cells as polygons in WGS84 lon/lat degrees, shape (n,).

    Raises GeometryError for a cell on the antimeridian, whose outline in degrees would go around the globe.
    """
    drawn: Geometries = shapely.from_wkb(outlines_wkb(cells).to_numpy(zero_copy_only=False))
    west, _south, east, _north = shapely.bounds(drawn).reshape(-1, 4).T
    if (east - west > _HALF_TURN_DEG).any():
        raise GeometryError(
            N_("A field lies on the 180th meridian, where no grid can be made. Nothing was written. Leave it out.")
        )
    return drawn


def middles(cells: Cells) -> NDArray[np.float64]:
    """Tell the middles of cells, shape (n, 2), lon/lat degrees."""
    from h3ronpy.vector import cells_to_coordinates

    found = pa.table(cells_to_coordinates(pa.array(cells)))
    return np.column_stack([found["lng"].to_numpy(), found["lat"].to_numpy()])
