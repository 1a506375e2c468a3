"""Outlines as small as a picture needs them.

Coordinates are rounded to six decimals, 0.1 m: a file for the eye, where Leaflet draws whole pixels. Where all of them
together are still too large for what a mail carries, they are simplified, each by no more than is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries, in_batches

DECIMALS: Final = 6
#: Metres by which an outline may move, tried one after another. At 10 m a field of 10 ha still has its shape.
_TOLERANCES_M: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
#: Metres in a degree of latitude at most (WGS84, at the pole). A degree of longitude has fewer: no point moves further.
_M_PER_DEGREE: Final = 111_694.0


def fitting_outlines(layers: Sequence[Geometries], room: int) -> tuple[list[list[str]], float]:
    """Write each layer's geometries, shape (n,), lon/lat degrees, as GeoJSON of at most `room` bytes together.

    Gives the texts, and the metres by which outlines were simplified; the largest where even that needs more room.
    """
    for tolerance_m in _TOLERANCES_M:
        texts = [_texts(geometry, tolerance_m) for geometry in layers]
        if sum(len(text) for layer in texts for text in layer) <= room:
            break
    return texts, tolerance_m


def _texts(geometry: Geometries, tolerance_m: float) -> list[str]:
    def shrunk(part: Geometries) -> NDArray[np.object_]:
        if tolerance_m:
            part = shapely.simplify(part, tolerance_m / _M_PER_DEGREE, preserve_topology=True)
        rounded: NDArray[np.object_] = shapely.transform(part, lambda places: places.round(DECIMALS))
        return rounded

    texts: list[str] = shapely.to_geojson(in_batches(shrunk, geometry)).tolist()
    return texts
