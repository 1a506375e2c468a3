"""Where a polygon's label stands: in its middle where that lies inside, else somewhere well inside."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries


def label_points(geometry: Geometries) -> NDArray[np.float64]:
    """Find a point inside each polygon, shape (n, 2), degrees."""
    middles = shapely.centroid(geometry)
    outside = ~shapely.contains(geometry, middles)
    middles[outside] = shapely.point_on_surface(geometry[outside])
    return np.asarray(shapely.get_coordinates(middles))
