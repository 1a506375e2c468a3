"""Where fields are expected, and the test that notices swapped axes."""

from __future__ import annotations

from math import cos, radians
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries

#: How far from the last snapshot's box a new field may be.
MARGIN_KM: Final = 200.0
#: One degree of latitude, mean of the meridian (10,002 km / 90°).
_KM_PER_DEGREE: Final = 111.13
#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]


def grown(box: Box, margin_km: float = MARGIN_KM) -> Box:
    """Grow a box by `margin_km` on every side, up to the edges of the globe."""
    west, south, east, north = box
    north_south = margin_km / _KM_PER_DEGREE
    widest = min(max(abs(south), abs(north)) + north_south, 89.0)
    east_west = north_south / cos(radians(widest))
    return (
        max(west - east_west, -180.0),
        max(south - north_south, -90.0),
        min(east + east_west, 180.0),
        min(north + north_south, 90.0),
    )


def outside(geometry: Geometries, area: Box) -> NDArray[np.bool_]:
    """Tell which geometries do not touch `area`. geometry: shape (n,), none of them null or empty."""
    west, south, east, north = shapely.bounds(geometry).T
    area_west, area_south, area_east, area_north = area
    result: NDArray[np.bool_] = (west > area_east) | (east < area_west) | (south > area_north) | (north < area_south)
    return result


def box_of(bounds: NDArray[np.float64]) -> Box | None:
    """Tell the box around boxes of shape (n, 4); None when there are none."""
    if len(bounds) == 0:
        return None
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
