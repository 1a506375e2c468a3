"""How much of each cell lies in its field and in the zones of that field.

A cell that lies wholly inside is taken whole; only those that a boundary cuts are intersected. All of it is done on the
plane that the areas of fields are measured on: there the parts of a field add up to it but for rounding.
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
from modules.geometry.measures import Floats, on_equal_area_plane
from modules.h3_grid.cells import Cells, outlines
from modules.h3_grid.fill import Fill

Indexes = NDArray[np.int64]

_M2_PER_HA: Final = 10_000.0
#: Cells of a part, whose outlines take some 50 MB.
_CELLS_AT_ONCE = 50_000
THREADS: Final = min(os.cpu_count() or 1, 4)


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


def weigh(
    filled: Fill, geometry: Geometries, zones: Zones, *, threads: int, on_part: Callable[[int, int], None]
) -> Weights:
    """Weigh the cells of fields, a few fields at a time.

    geometry: shape (n,), the fields, valid; on_part: told the parts done and their number
    Raises GeometryError for cells on the antimeridian.
    """
    parts = list(_parts(filled.counts))
    weighed = []
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="grid") as pool:
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
    pieces = on_equal_area_plane(outlines(cells))
    cell_ha = _hectares(pieces)
    fields = on_equal_area_plane(geometry[first:last])
    shapely.prepare(fields)
    field_of = fields[owner - first]
    cut = ~shapely.contains_properly(field_of, pieces)
    pieces[cut] = shapely.intersection(pieces[cut], field_of[cut])
    inside_ha = cell_ha.copy()
    inside_ha[cut] = _hectares(pieces[cut])
    return Weights(cells, owner, cell_ha, inside_ha, *_overlaps(pieces, owner, inside_ha, zones))


def _overlaps(pieces: Geometries, owner: Indexes, hectares: Floats, zones: Zones) -> tuple[Indexes, Indexes, Floats]:
    """Pair the parts of cells inside a field with the zones of that field that they share area with."""
    first, last = np.searchsorted(zones.owner, (owner[0], owner[-1] + 1))
    shapes = on_equal_area_plane(zones.geometry[first:last])
    row, zone = _pairs(owner, zones.owner[first:last])
    near = _boxes_meet(shapely.bounds(pieces)[row], shapely.bounds(shapes).reshape(-1, 4)[zone])
    row, zone = row[near], zone[near]
    shapely.prepare(shapes)
    whole = shapely.contains_properly(shapes[zone], pieces[row])
    cut = ~whole & shapely.intersects(shapes[zone], pieces[row])
    overlap = np.where(whole, hectares[row], 0.0)
    overlap[cut] = _hectares(shapely.intersection(pieces[row[cut]], shapes[zone[cut]]))
    shared = overlap > 0
    return row[shared], zone[shared] + first, overlap[shared]


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


def _hectares(geometry: Geometries) -> Floats:
    """Measure what lies on the equal-area plane, in ha; points and lines have nothing."""
    hectares: Floats = shapely.area(geometry) / _M2_PER_HA
    return hectares


def sums(index: Indexes, values: Floats, count: int) -> Floats:
    """Sum values by their index, shape (count,)."""
    return np.bincount(index, values, minlength=count).astype(np.float64)
