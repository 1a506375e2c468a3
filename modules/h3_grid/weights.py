"""How much of each cell lies in its field and in the zones of that field.

A cell that lies wholly inside is taken whole; only those that a boundary cuts are intersected. All areas are geodesic,
measured like those of the fields themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.geometry.measures import Floats, measure_polygons
from modules.h3_grid.cells import Cells, outlines
from modules.h3_grid.fill import Fill

Indexes = NDArray[np.int64]

#: Cells of a part, whose outlines take some 50 MB.
_CELLS_AT_ONCE = 50_000
_THREADS: Final = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones of the fields of a grid. owner: shape (k,), ascending: the index of the field of each."""

    geometry: Geometries
    owner: Indexes


@dataclass(frozen=True, slots=True)
class Weights:
    """Rows of a cell and a field, and overlaps of a row and a zone.

    cells, owner: shape (n,), the cell and the index of its field
    cell_ha:      shape (n,), area of the whole cell in ha
    inside_ha:    shape (n,), area of its part inside the field; equal to `cell_ha` where the cell lies wholly inside
    row, zone:    shape (m,), index of a row and of a zone that overlaps it
    zone_ha:      shape (m,), area of the part of the cell inside the field and the zone
    """

    cells: Cells
    owner: Indexes
    cell_ha: Floats
    inside_ha: Floats
    row: Indexes
    zone: Indexes
    zone_ha: Floats

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Put parts together, in order."""
        before = np.cumsum([0, *(len(part.cells) for part in parts)])
        rows = [part.row + start for part, start in zip(parts, before, strict=False)]
        columns = {
            column.name: np.concatenate([getattr(part, column.name) for part in parts])
            for column in fields(cls)
            if column.name != "row"
        }
        return cls(row=np.concatenate(rows), **columns)


def weigh(filled: Fill, geometry: Geometries, zones: Zones, *, on_part: Callable[[int, int], None]) -> Weights:
    """Weigh the cells of fields, a few fields at a time.

    geometry: shape (n,), the fields, valid; on_part: told the parts done and their number
    Raises GeometryError for cells on the antimeridian.
    """
    parts = list(_parts(filled.counts))
    weighed = []
    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="grid") as pool:
        # No two parts share a field or a zone, so none prepares a geometry that another one is using.
        done = pool.map(lambda part: _weigh_part(filled, geometry, zones, *part), parts)
        for number, each in enumerate(done, 1):
            weighed.append(each)
            on_part(number, len(parts))
    return Weights.joined(weighed)


def _parts(counts: Indexes) -> Iterator[tuple[int, int]]:
    """Cut fields into runs of about `_CELLS_AT_ONCE` cells: the first field of each and that after its last."""
    number = np.cumsum(counts) // _CELLS_AT_ONCE
    cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(counts)]
    yield from pairwise(cuts)


def _weigh_part(filled: Fill, geometry: Geometries, zones: Zones, first: int, last: int) -> Weights:
    start, end = np.searchsorted(filled.owner, (first, last))
    cells, owner = filled.cells[start:end], filled.owner[start:end]
    drawn = outlines(cells)
    cell_ha = measure_polygons(drawn).hectares
    shapely.prepare(geometry[first:last])
    whole = shapely.contains_properly(geometry[owner], drawn)
    shapely.destroy_prepared(geometry[first:last])
    # From here on `drawn` is what lies inside the field.
    drawn[~whole] = shapely.intersection(drawn[~whole], geometry[owner[~whole]])
    inside_ha = cell_ha.copy()
    inside_ha[~whole] = polygonal_hectares(drawn[~whole])
    return Weights(cells, owner, cell_ha, inside_ha, *_overlaps(drawn, owner, inside_ha, zones))


def _overlaps(pieces: Geometries, owner: Indexes, hectares: Floats, zones: Zones) -> tuple[Indexes, Indexes, Floats]:
    row, zone = _pairs(owner, zones.owner)
    near = _boxes_meet(shapely.bounds(pieces)[row], shapely.bounds(zones.geometry).reshape(-1, 4)[zone])
    row, zone = row[near], zone[near]
    used = zones.geometry[np.unique(zone)]
    shapely.prepare(used)
    whole = shapely.contains_properly(zones.geometry[zone], pieces[row])
    cut = ~whole & shapely.intersects(zones.geometry[zone], pieces[row])
    shapely.destroy_prepared(used)
    overlap = np.where(whole, hectares[row], 0.0)
    overlap[cut] = polygonal_hectares(shapely.intersection(pieces[row[cut]], zones.geometry[zone[cut]]))
    shared = overlap > 0
    return row[shared], zone[shared], overlap[shared]


def _pairs(owner: Indexes, zone_owner: Indexes) -> tuple[Indexes, Indexes]:
    """Pair each row with each zone of its field."""
    first, after = np.searchsorted(zone_owner, owner, "left"), np.searchsorted(zone_owner, owner, "right")
    counts = after - first
    row = np.repeat(np.arange(len(owner)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, first[row] + place


def _boxes_meet(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """Tell which boxes (west, south, east, north) of two arrays of shape (m, 4) touch; an empty piece has NaN."""
    sides = np.column_stack((one[:, :2] <= other[:, 2:], one[:, 2:] >= other[:, :2]))
    return np.asarray(sides.all(axis=1), dtype=np.bool_)


def polygonal_hectares(geometry: Geometries) -> Floats:
    """Measure what is polygonal of intersections, in ha, shape (n,); a point or a line has nothing."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    solid = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    if not solid.any():
        return np.zeros(len(geometry))
    return sums(owner[solid], measure_polygons(parts[solid]).hectares, len(geometry))


def sums(index: Indexes, values: Floats, count: int) -> Floats:
    """Sum values by their index, shape (count,)."""
    return np.bincount(index, values, minlength=count).astype(np.float64)
