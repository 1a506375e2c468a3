"""Which resolution fits: coarse enough to be compared, fine enough to tell parts of a field apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.errors import RequestError
from modules.geometry.measures import PolygonMeasures
from modules.i18n import N_

#: The resolutions that are offered: cells of some 25,000 ha, and of 3 ares.
COARSEST: Final = 5
FINEST: Final = 12
#: The median field shall have about this many cells: one of 70 ha gets cells of 1.5 ha.
CELLS_OF_MEDIAN_FIELD: Final = 50
#: Rows of a grid with four zones a field that fit into 4 to 5 GB while it is made: 1.8 million of them took 2 GB.
MOST_ROWS: Final = 4_000_000
_M2_PER_HA: Final = 10_000.0


def propose_resolution(measures: PolygonMeasures) -> int:
    """Propose the resolution whose mean cell comes nearest to a fiftieth of the median field, by their ratio.

    From `COARSEST` to `FINEST`, and coarser where the grid would have more than `MOST_ROWS` rows. measures: of the
    fields, at least one.
    """
    wanted = float(np.median(measures.hectares)) / CELLS_OF_MEDIAN_FIELD
    choices = list(range(COARSEST, FINEST + 1))
    distances = [abs(np.log(max(wanted, 1e-12) / mean_hectares(each))) for each in choices]
    best = choices[int(np.argmin(distances))]
    while best > COARSEST and expected_rows(measures, best) > MOST_ROWS:
        best -= 1
    return best


def require_resolution(measures: PolygonMeasures, resolution: int) -> None:
    """Make sure that a grid can be made at a resolution that somebody chose. Raises RequestError."""
    if not COARSEST <= resolution <= FINEST:
        raise RequestError(
            N_("Resolution {resolution} is not offered. Choose one from {coarsest} to {finest}."),
            resolution=resolution,
            coarsest=COARSEST,
            finest=FINEST,
        )
    rows = expected_rows(measures, resolution)
    if rows > MOST_ROWS:
        raise RequestError(
            N_(
                "At resolution {resolution} these fields have some {count} million cells, more than fit. Choose a "
                "coarser one, or fewer farms."
            ),
            resolution=resolution,
            count=round(rows / 1e6),
        )


def expected_rows(measures: PolygonMeasures, resolution: int) -> float:
    """Estimate the rows of a grid: by area, by length for cells that a boundary cuts, and one for each field."""
    inside: NDArray[np.float64] = measures.hectares / mean_hectares(resolution)
    from h3 import average_hexagon_edge_length

    cut = measures.perimeter_m / average_hexagon_edge_length(resolution, unit="m")
    return float((inside + cut + 1).sum())


def mean_hectares(resolution: int) -> float:
    """Tell the mean area of a hexagon, in ha (H3's own table)."""
    from h3 import average_hexagon_area

    return float(average_hexagon_area(resolution, unit="m^2")) / _M2_PER_HA
