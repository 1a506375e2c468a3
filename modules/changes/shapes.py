"""By how much two outlines of a field differ, and whether it is the same outline elsewhere."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.geometry.measures import on_equal_area_plane

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Less than this, 1 m², is another way of writing the same outline: digits, the ring's first point, a doubled point.
LEAST_HA: Final = 0.0001
#: A moved field, laid upon where it was, differs by no more than this share of itself …
MOST_LEFT_OF_AREA: Final = 0.02
#: … and of what differed before it was laid there: a small correction of a border moves the centre a little, too.
MOST_LEFT_OF_DIFFERENCE: Final = 0.1
#: Vertices that follow the shift up to this share of it leave less than that in any case.
_MOST_STRAY: Final = 0.01
_PAIRS_AT_ONCE: Final = 100
_M2_PER_HA: Final = 10_000.0
_EARTH_M: Final = 6_371_008.8


@dataclass(frozen=True, slots=True)
class ShapeDifferences:
    """Of n pairs: hectares of the symmetric difference, whether it is the same outline elsewhere, and how far."""

    hectares: Floats
    moved: Mask
    shift_m: Floats

    @property
    def differs(self) -> Mask:
        """Tell which differ by more than the way they are written."""
        return self.hectares >= LEAST_HA


def compare_shapes(before: Geometries, now: Geometries) -> ShapeDifferences:
    """Compare polygons or multipolygons in degrees, both of shape (n,).

    Areas are measured on the plane that hectares are measured on. A field has moved when its outline, shifted so that
    the centres meet, explains the difference: see `MOST_LEFT_OF_AREA` and `MOST_LEFT_OF_DIFFERENCE`. The shift is told
    on a sphere, to half a percent.
    """
    if not len(before):
        return ShapeDifferences(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0))
    # Pairs as rows of one array; smaller parts than `in_batches` makes, for a night's changes are one of its batches.
    pairs = np.column_stack([before, now])
    parts = [pairs[start : start + _PAIRS_AT_ONCE] for start in range(0, len(pairs), _PAIRS_AT_ONCE)]
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 4), thread_name_prefix="changes") as pool:
        found = np.concatenate(list(pool.map(_compare, parts)))
    return ShapeDifferences(found[:, 0], found[:, 1].astype(bool), found[:, 2])


def common_areas(one: Geometries, other: Geometries) -> Floats:
    """Measure what n pairs of polygons on a plane share."""
    try:
        return cast("Floats", shapely.area(shapely.intersection(one, other)))
    except shapely.GEOSException:  # valid in degrees, but a hair's breadth on the plane crosses itself
        sound = shapely.intersection(shapely.make_valid(one), shapely.make_valid(other))
        return cast("Floats", shapely.area(sound))


def _compare(pairs: NDArray[np.object_]) -> Floats:
    """Give hectares, moved and metres, shape (n, 3)."""
    before, now = (on_equal_area_plane(side) for side in pairs.T)
    areas = np.maximum(shapely.area(before), shapely.area(now))
    differing = _differing(before, now)
    shift = _centres(now) - _centres(before)
    moved = (differing >= LEAST_HA * _M2_PER_HA) & _alike_in_size(before, now, areas)
    moved[moved] = _explained(before[moved], now[moved], shift[moved], areas[moved], differing[moved])
    metres = np.zeros(len(pairs))
    metres[moved] = _distance_m(*(_centres(side[moved]) for side in pairs.T))
    return np.column_stack([differing / _M2_PER_HA, moved, metres])


def _differing(before: Geometries, now: Geometries) -> Floats:
    """Measure symmetric differences in m²; by what is shared, which takes less than making them."""
    both: Floats = shapely.area(before) + shapely.area(now)
    differing: Floats = np.maximum(both - 2 * common_areas(before, now), 0.0)
    return differing


def _alike_in_size(before: Geometries, now: Geometries, areas: Floats) -> Mask:
    difference: Floats = np.abs(shapely.area(before) - shapely.area(now))
    return difference <= MOST_LEFT_OF_AREA * areas


def _explained(before: Geometries, now: Geometries, shift: Floats, areas: Floats, differing: Floats) -> Mask:
    """Tell which of n pairs are the same outline but for the shift, shape (n, 2)."""
    explained = _vertices_follow(before, now, shift, areas)
    rest = np.flatnonzero(~explained)
    if len(rest):
        left = _differing(_shifted(before[rest], shift[rest]), now[rest])
        explained[rest] = (left <= MOST_LEFT_OF_AREA * areas[rest]) & (
            left <= MOST_LEFT_OF_DIFFERENCE * differing[rest]
        )
    return explained


def _vertices_follow(before: Geometries, now: Geometries, shift: Floats, areas: Floats) -> Mask:
    """Find the clear cases without laying anything over: the same vertices in the same order, all shifted alike."""
    follow: Mask = shapely.get_num_coordinates(before) == shapely.get_num_coordinates(now)
    some = np.flatnonzero(follow)
    if not len(some):
        return follow
    there, owner = shapely.get_coordinates(now[some], return_index=True)
    stray = np.abs(there - shapely.get_coordinates(before[some]) - shift[some][owner]).max(axis=1)
    worst = np.maximum.reduceat(stray, np.flatnonzero(np.diff(owner, prepend=-1)))
    lengths = shapely.length(now[some])
    by_shift = worst <= _MOST_STRAY * np.hypot(*shift[some].T)
    follow[some] = by_shift & (worst * lengths <= MOST_LEFT_OF_AREA * areas[some])
    return follow


def _shifted(shapes: Geometries, shift: Floats) -> Geometries:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    return cast("Geometries", shapely.set_coordinates(shapes.copy(), coordinates + shift[owner]))


def _centres(shapes: Geometries) -> Floats:
    """Give centroids, shape (n, 2)."""
    centres = shapely.centroid(shapes)
    return np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])


def _distance_m(one: Floats, other: Floats) -> Floats:
    """Measure along the sphere between points in degrees, shape (n, 2) each."""
    (lon, lat), (there_lon, there_lat) = np.radians(one).T, np.radians(other).T
    half = np.sin((there_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(there_lat) * np.sin((there_lon - lon) / 2) ** 2
    return cast("Floats", 2 * _EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
