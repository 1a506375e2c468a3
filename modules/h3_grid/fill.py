"""Fields → cells: one row for each cell of each field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from modules.errors import GeometryError
from modules.geometry.batches import Geometries
from modules.geometry.checks import POLYGONAL, find_impossible
from modules.h3_grid.cells import Cells
from modules.i18n import N_
from modules.i18n.formats import number

#: Nearer to a pole the outlines of cells, straight in degrees, are no longer what they are on the ground.
MOST_LATITUDE_DEG = 85.0
#: A polygon wider than this is taken by H3 to go around the other side of the globe.
_HALF_TURN_DEG = 180.0


class Containment(StrEnum):
    """Which cells belong to a polygon."""

    #: Those that share any of their area with it, so that nothing of it is left out; at least one.
    COVERS = "covers"
    #: Those whose centre lies in it: no cell twice in polygons side by side, and none at all in a small one. No grid is
    #: made so, it would lose hectares; this is what other tools do, and what `tests/benchmarks/h3.py` measures against.
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Fill:
    """The cells of n polygons: rows of a cell and the index of its polygon, in the order of the polygons.

    counts: shape (n,), how many cells each polygon has
    """

    cells: Cells
    owner: NDArray[np.int64]
    counts: NDArray[np.int64]


def require_placeable(geometry: Geometries, names: Sequence[str]) -> None:
    """Make sure that polygons can be put on a grid, before H3 sees them: it takes latitude 91 without a word.

    geometry: shape (n,), may hold anything; names: of each, for the sentence. Raises GeometryError.
    """
    impossible = np.array([reason is not None for reason in find_impossible(geometry, POLYGONAL)], dtype=bool)
    if impossible.any():
        raise GeometryError(
            N_(
                "{count} of {total} fields have a geometry or coordinates that cannot be, the first one is {name}. No "
                "grid was written. Back up again, or leave its farm out."
            ),
            **_told(impossible, names),
        )
    west, south, east, north = shapely.bounds(geometry).reshape(-1, 4).T
    extreme = (np.maximum(np.abs(south), np.abs(north)) > MOST_LATITUDE_DEG) | (east - west > _HALF_TURN_DEG)
    if extreme.any():
        raise GeometryError(
            N_(
                "{count} of {total} fields lie at a pole or reach around half of the globe, the first one is {name}. "
                "No grid was written. Latitude and longitude may be swapped; if not, leave its farm out."
            ),
            **_told(extreme, names),
        )


def fill(wkb: pa.Array, resolution: int, containment: Containment = Containment.COVERS) -> Fill:
    """Tell the cells of polygons that `require_placeable` let pass, given as WKB in WGS84 lon/lat degrees.

    h3ronpy works on all cores; within a pool of processes RAYON_NUM_THREADS=1 keeps it to one.
    """
    from h3ronpy.vector import ContainmentMode, wkb_to_cells

    modes = {Containment.COVERS: ContainmentMode.Covers, Containment.CENTRE: ContainmentMode.ContainsCentroid}
    lists = pa.array(wkb_to_cells(wkb, resolution, modes[containment]))
    counts = np.diff(lists.offsets.to_numpy()).astype(np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    return Fill(lists.values.to_numpy(), owner, counts)


def _told(which: NDArray[np.bool_], names: Sequence[str]) -> dict[str, object]:
    return {"count": number(which.sum()), "total": number(len(which)), "name": names[int(np.argmax(which))]}
