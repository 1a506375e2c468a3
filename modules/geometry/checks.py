"""What a geometry must be before anything is computed from it: there, finite, on the globe, of the right kind."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.domain.reasons import Reason
from modules.geometry.batches import Geometries, in_batches

#: Kinds a layer of polygons may hold.
POLYGONAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
#: Kinds a layer of points may hold.
POINT: Final = (shapely.GeometryType.POINT,)


def find_impossible(geometry: Geometries, kinds: tuple[shapely.GeometryType, ...]) -> NDArray[np.object_]:
    """Tell for each geometry the `Reason` it cannot be kept, None where there is none.

    geometry: shape (n,), may hold None; kinds: the geometry types the layer may hold.
    """
    return in_batches(partial(_reasons, kinds), geometry)


def _reasons(kinds: tuple[shapely.GeometryType, ...], geometry: Geometries) -> NDArray[np.object_]:
    reasons = np.full(len(geometry), None, dtype=object)
    types = shapely.get_type_id(geometry)
    # From the weakest reason to the strongest: what is written last stays.
    reasons[~np.isin(types, kinds)] = Reason.WRONG_TYPE
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    outside = (np.abs(coordinates) > (180.0, 90.0)).any(axis=1)
    reasons[owner[outside]] = Reason.OUT_OF_RANGE
    reasons[owner[~np.isfinite(coordinates).all(axis=1)]] = Reason.NOT_FINITE
    reasons[shapely.is_empty(geometry)] = Reason.EMPTY_GEOMETRY
    reasons[types == -1] = Reason.NULL_GEOMETRY
    return reasons
