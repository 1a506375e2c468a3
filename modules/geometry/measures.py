"""Hectares and metres on the WGS84 ellipsoid, for whole arrays at once.

Area: the authalic (equal-area) cylindrical projection, Snyder, "Map Projections: A Working Manual", USGS Professional
Paper 1395 (1987), eqs. 3-12 and 10-17/10-18 with the standard parallel at the equator. Its areas are exact; an edge is
straight there instead of a geodesic, which is at most 1.2e-5 of the area for fields of up to some kilometres.

Perimeter: each edge by the radii of curvature at its middle latitude, Snyder eqs. 4-18 to 4-20; the error grows with
the square of the edge's length and is below 1e-6 for 10 km.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries, in_batches

Floats = NDArray[np.float64]
Offsets = NDArray[np.int64]

#: WGS84: semi-major axis in m, and first eccentricity squared.
SEMI_MAJOR_M: Final = 6378137.0
ECCENTRICITY_2: Final = 0.0066943799901413165
#: z⁷ is below 1e-15, the precision of a double.
_Q_SERIES: Final = tuple(1 + 1 / (2 * k + 1) for k in range(7))
_M2_PER_HA: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class PolygonMeasures:
    """Measures of n polygons: area in ha, perimeter in m (holes counted)."""

    hectares: Floats
    perimeter_m: Floats


def measure_polygons(geometry: Geometries) -> PolygonMeasures:
    """Measure polygons and multipolygons given in degrees; the direction of their rings does not matter.

    geometry: shape (n,), none of them null or empty.
    """
    hectares, perimeter_m = in_batches(_measure, geometry).T
    return PolygonMeasures(hectares, perimeter_m)


def on_equal_area_plane(geometry: Geometries) -> Geometries:
    """Project geometries from degrees onto the plane that areas are measured on, in m, both shape (n,).

    The planar area of a polygon there is its area in m² as `measure_polygons` gives it, and so is that of its parts.
    """
    projected: Geometries = shapely.transform(geometry, _equal_area)
    return projected


def _equal_area(degrees: Floats) -> Floats:
    """Snyder eqs. 10-17 and 10-18, coordinates of shape (n, 2)."""
    lon, lat = np.radians(degrees.T)
    return np.column_stack((SEMI_MAJOR_M * lon, SEMI_MAJOR_M / 2 * _authalic_q(lat)))


def _measure(geometry: Geometries) -> Floats:
    """Give hectares and metres, shape (n, 2)."""
    polygons, geometry_of_polygon = shapely.get_parts(geometry, return_index=True)
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    geometry_of_ring = geometry_of_polygon[polygon_of_ring]
    # The first ring of a polygon is its outline, the others are holes.
    sign = np.where(np.diff(polygon_of_ring, prepend=-1) > 0, 1.0, -1.0)
    starts = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(rings))))
    lon, lat = np.radians(shapely.get_coordinates(rings).T)
    area = np.bincount(geometry_of_ring, sign * np.abs(_ring_areas(lon, lat, starts)), minlength=len(geometry))
    perimeter = np.bincount(geometry_of_ring, _ring_lengths(lon, lat, starts), minlength=len(geometry))
    return np.column_stack((area / _M2_PER_HA, perimeter))


def _ring_areas(lon: Floats, lat: Floats, rings: Offsets) -> Floats:
    """Signed area of each ring in m², by the shoelace formula on the authalic plane."""
    first = np.repeat(rings[:-1], np.diff(rings))
    x = lon - lon[first]  # from the ring's own first point: keeps the digits of small fields
    q = _authalic_q(lat)
    y = q - q[first]
    cross = np.zeros(len(x))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    # A ring ends where it began, at (0, 0), so the product across a boundary of two rings is zero.
    return np.add.reduceat(cross, rings[:-1]) * SEMI_MAJOR_M**2 / 4


def _authalic_q(lat: Floats) -> Floats:
    """Snyder eq. 3-12, its two terms as one power series in (e sin φ)²: arctanh took a quarter of the time."""
    sine: Floats = np.sin(lat)
    z = ECCENTRICITY_2 * sine * sine
    total = np.full(len(lat), _Q_SERIES[-1])
    for coefficient in reversed(_Q_SERIES[:-1]):
        total *= z
        total += coefficient
    total *= (1 - ECCENTRICITY_2) * sine
    return total


def _ring_lengths(lon: Floats, lat: Floats, rings: Offsets) -> Floats:
    """Length of each ring in m."""
    middle = (lat[1:] + lat[:-1]) / 2
    sine2 = np.sin(middle) ** 2
    w2 = 1 - ECCENTRICITY_2 * sine2
    # Squares throughout: one root at the end instead of a power, a root, a cosine and a hypot.
    north2 = ((1 - ECCENTRICITY_2) / w2 * np.diff(lat)) ** 2
    east2 = (1 - sine2) * np.diff(lon) ** 2
    length = np.zeros(len(lon))
    length[:-1] = SEMI_MAJOR_M * np.sqrt((north2 + east2) / w2)
    length[rings[1:] - 1] = 0.0  # from the end of one ring to the start of the next there is no edge
    return np.add.reduceat(length, rings[:-1])
