"""Which resolution fits: coarse enough to be compared, fine enough to tell parts of a field apart.

Cells of a resolution are not equally large everywhere: in Argentina they have 61 % to 98 % of H3's mean. So they are
measured where the fields are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely

from modules.errors import RequestError
from modules.geometry.batches import Geometries
from modules.geometry.measures import Floats, PolygonMeasures
from modules.i18n import N_

#: The resolutions that are offered: cells of some 25,000 ha, and of 3 ares.
COARSEST: Final = 5
FINEST: Final = 12
#: The median field shall have about this many cells. A resolution has seven times the cells of the one before, so that
#: it gets from 50/√7 to 50·√7 of them, 19 to 132.
CELLS_OF_MEDIAN_FIELD: Final = 50
#: Rows of a grid with four zones a field that fit into 4 to 5 GB while it is made: 1.8 million of them took 2 GB.
MOST_ROWS: Final = 4_000_000
_M2_PER_HA: Final = 10_000.0
#: Of a regular hexagon with edges of length 1.
_AREA_OF_HEXAGON: Final = 1.5 * 3**0.5


class Place(NamedTuple):
    """A place on the globe, in degrees of WGS84."""

    lon: float
    lat: float


def middle_of(geometry: Geometries) -> Place:
    """Tell where fields are: the median keeps one that lies elsewhere from deciding. Impossible ones do not count.

    geometry: shape (n,), may hold anything
    """
    boxes = shapely.bounds(geometry).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return Place(0.0, 0.0)
    west, south, east, north = np.median(boxes, axis=0)
    return Place(float((west + east) / 2), float(np.clip((south + north) / 2, -90, 90)))


def propose_resolution(measures: PolygonMeasures, place: Place) -> int:
    """Propose the resolution whose cells come nearest to a fiftieth of the median field, by their ratio.

    From `COARSEST` to `FINEST`, and coarser where the grid would have more than `MOST_ROWS` rows. measures: of the
    fields, at least one; place: where they are.
    """
    wanted = float(np.median(measures.hectares)) / CELLS_OF_MEDIAN_FIELD
    choices = list(range(COARSEST, FINEST + 1))
    distances = [abs(np.log(max(wanted, 1e-12) / cell_hectares(each, place))) for each in choices]
    best = choices[int(np.argmin(distances))]
    while best > COARSEST and expected_rows(measures, best, place) > MOST_ROWS:
        best -= 1
    return best


def require_resolution(measures: PolygonMeasures, resolution: int, place: Place) -> None:
    """Make sure that a grid can be made at a resolution that somebody chose. Raises RequestError."""
    if not COARSEST <= resolution <= FINEST:
        raise RequestError(
            N_("Resolution {resolution} is not offered. Choose one from {coarsest} to {finest}."),
            resolution=resolution,
            coarsest=COARSEST,
            finest=FINEST,
        )
    rows = expected_rows(measures, resolution, place)
    if rows > MOST_ROWS:
        raise RequestError(
            N_(
                "At resolution {resolution} these fields have some {count} million cells, more than fit. Choose a "
                "coarser one, or fewer farms."
            ),
            resolution=resolution,
            count=round(rows / 1e6),
        )


def expected_rows(measures: PolygonMeasures, resolution: int, place: Place) -> float:
    """Estimate the rows of a grid."""
    return float(expected_cells(measures, resolution, place).sum())


def expected_cells(measures: PolygonMeasures, resolution: int, place: Place) -> Floats:
    """Estimate how many cells of area A and perimeter P share area with each of n fields, on average.

    (S + A + p·P / 2π) / A for a convex field of area S and perimeter p that lies anyhow on the grid (Santaló, "Integral
    Geometry and Geometric Probability", 1976, lattices of figures); a field that is not convex has fewer.
    """
    cell_ha = cell_hectares(resolution, place)
    inside = measures.hectares / cell_ha
    cell_perimeter_m = 6 * (cell_ha * _M2_PER_HA / _AREA_OF_HEXAGON) ** 0.5
    cut = measures.perimeter_m * cell_perimeter_m / (2 * np.pi) / (cell_ha * _M2_PER_HA)
    cells: Floats = inside + cut + 1
    return cells


def cell_hectares(resolution: int, place: Place) -> float:
    """Tell the area of the cell at a place, in ha, as H3 measures it: on a sphere, to half a percent."""
    from h3 import cell_area, latlng_to_cell

    return float(cell_area(latlng_to_cell(place.lat, place.lon, resolution), unit="m^2")) / _M2_PER_HA
