"""Geometries as KML elements, a whole array at a time.

OGC KML 2.2 (07-147r2), 10.8 and 10.2: a Polygon has one outer ring and any number of inner ones, a MultiGeometry holds
several; rings run counterclockwise, coordinates are lon,lat of WGS84.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.kmz.writing.coordinates import sequence_texts

_RING: Final = "<LinearRing><coordinates>"
_END_OF_RING: Final = "</coordinates></LinearRing>"
# The outline follows the ground too.
_OUTER: Final = f"<Polygon><tessellate>1</tessellate><outerBoundaryIs>{_RING}"
_END_OF_OUTER: Final = f"{_END_OF_RING}</outerBoundaryIs>"
_INNER: Final = f"<innerBoundaryIs>{_RING}"
_END_OF_INNER: Final = f"{_END_OF_RING}</innerBoundaryIs>"
_END: Final = "</Polygon>"
_MULTI: Final = "<MultiGeometry>"
_END_OF_MULTI: Final = "</MultiGeometry>"


def polygon_texts(geometry: Geometries) -> pa.StringArray:
    """Write polygons and multipolygons, shape (n,), all digits beyond a centimetre left out."""
    if not len(geometry):
        return pa.array([], pa.string())
    _kind, coordinates, offsets = shapely.to_ragged_array(shapely.orient_polygons(geometry), include_z=False)
    rings, parts = (np.asarray(each, dtype=np.int64) for each in offsets[:2])
    texts = sequence_texts(coordinates, rings)
    if len(parts) == len(rings):
        polygons = pc.binary_join_element_wise(_OUTER, texts, _END_OF_OUTER + _END, "")
    else:
        polygons = _with_holes(texts, parts)
    if len(offsets) == 2:
        return polygons
    wholes = np.asarray(offsets[2], dtype=np.int64)
    return polygons if len(wholes) == len(parts) else _gathered(polygons, wholes)


def point_texts(coordinates: NDArray[np.float64]) -> pa.StringArray:
    """Write points given as shape (n, 2), lon/lat degrees."""
    texts = sequence_texts(coordinates, np.arange(len(coordinates) + 1))
    return pc.binary_join_element_wise("<Point><coordinates>", texts, "</coordinates></Point>", "")


def _with_holes(rings: pa.StringArray, parts: NDArray[np.int64]) -> pa.StringArray:
    """Join rings to polygons: part i has the rings parts[i]:parts[i + 1], the first of them outside."""
    inner = np.ones(len(rings), dtype=np.int8)
    inner[parts[:-1]] = 0
    before, after = pa.array([_OUTER, _INNER]), pa.array([_END_OF_OUTER, _END_OF_INNER])
    boundaries = pc.binary_join_element_wise(before.take(pa.array(inner)), rings, after.take(pa.array(inner)), "")
    return pc.binary_join_element_wise(_joined(boundaries, parts), _END, "")


def _gathered(polygons: pa.StringArray, wholes: NDArray[np.int64]) -> pa.StringArray:
    """Gather polygons where a geometry has several: geometry i has the polygons wholes[i]:wholes[i + 1]."""
    several = pa.array(np.diff(wholes) > 1)
    before, after = pc.if_else(several, _MULTI, ""), pc.if_else(several, _END_OF_MULTI, "")
    return pc.binary_join_element_wise(before, _joined(polygons, wholes), after, "")


def _joined(texts: pa.StringArray, offsets: NDArray[np.int64]) -> pa.StringArray:
    lists = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), texts)
    return pc.binary_join(lists, "")
