"""Degrees ↔ web mercator in whole numbers.

The world is a square of 2^30 units, y downwards as in tiles: 4 cm on the equator, and a sixteenth of the grid of a tile
of zoom 14. What lies beside it (copies over the antimeridian, latitudes over 85°) still fits into 32 bits.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

WORLD_BITS: Final = 30
WORLD: Final = 1 << WORLD_BITS
#: Latitudes nearer to a pole end here: 1.26 worlds away, where web mercator shows nothing any more.
_LAST_LATITUDE: Final = 89.0
#: Where web mercator's square ends.
EDGE_LATITUDE: Final = 85.0511287798066


def project(degrees: NDArray[np.float64]) -> Ints:
    """Turn lon/lat degrees, shape (n, 2), into units of the world, shape (n, 2)."""
    latitude = np.radians(np.clip(degrees[:, 1], -_LAST_LATITUDE, _LAST_LATITUDE))
    x = degrees[:, 0] / 360 + 0.5
    y = 0.5 - np.arcsinh(np.tan(latitude)) / (2 * np.pi)
    return np.rint(np.column_stack([x, y]) * WORLD).astype(np.int32)


def unproject(x: float, y: float) -> tuple[float, float]:
    """Turn units of the world into lon/lat degrees."""
    longitude = (x / WORLD - 0.5) * 360
    return longitude, math.degrees(math.atan(math.sinh((0.5 - y / WORLD) * 2 * math.pi)))
