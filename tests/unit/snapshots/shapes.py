"""Comparing geometries that went through a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

TOLERANCE_DEG = 1e-7


def same_shapes(found: Any, expected: Any) -> bool:
    """Tell whether geometries have the same rings and holes; a polygon and a multipolygon of it are the same."""
    one, other = _comparable(found), _comparable(expected)
    return one.shape == other.shape and bool(shapely.equals_exact(one, other, TOLERANCE_DEG).all())


def _comparable(geometry: Any) -> np.ndarray:
    shapes = np.asarray(geometry, dtype=object)
    if shapely.GeometryType.POINT in shapely.get_type_id(shapes):
        return shapes
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # Which of two equal vertices begins a ring depends on its direction.
    return shapely.normalize(shapely.remove_repeated_points(shapely.multipolygons(parts, indices=owner)))
