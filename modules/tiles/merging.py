"""Shapes of less than two pixels: those in the same cell of two pixels are drawn as one, so that density stays even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.tiles.grid import EXTENT, PIXEL, shift_of
from modules.tiles.ragged import Flags, Indexes, Kind, Ragged
from modules.tiles.request import BUFFER, TileAddress
from modules.tiles.shapes import Shapes

#: Two pixels, in units of a tile.
CELL: Final = 2 * PIXEL
CELL_BITS: Final = CELL.bit_length() - 1
_CELLS: Final = EXTENT >> CELL_BITS
_MARGIN: Final = BUFFER >> CELL_BITS


def is_small(bounds: NDArray[np.int32], zoom: int) -> Flags:
    """Tell by bounds, (n, 4), which shapes are less than two pixels wide and high at a zoom; points are."""
    least = CELL << shift_of(zoom)
    west, north, east, south = bounds.T
    small: Flags = (east - west < least) & (south - north < least)
    return small


@dataclass(frozen=True, slots=True)
class Merged:
    """The cells of a tile.

    largest: (c,) the largest shape of each
    count:   (c,) how many shapes there are in it
    x, y:    (c,) its north-west corner on the grid of the zoom
    """

    largest: Indexes
    count: Indexes
    x: Indexes
    y: Indexes


@dataclass(frozen=True, slots=True)
class SmallShapes:
    """The small shapes of one kind at a zoom, by cell from the north-west, the largest of each cell first.

    shape:  (n,)
    column: (n,) row: (n,) of the cell
    group:  (n,) only those of the same one are merged; None where any are
    """

    shape: NDArray[np.int32]
    column: NDArray[np.int32]
    row: NDArray[np.int32]
    group: NDArray[np.int32] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        groups = 0 if self.group is None else self.group.nbytes
        return self.shape.nbytes + self.column.nbytes + self.row.nbytes + groups

    def of_tile(self, tile: TileAddress, keep: Flags | None, rows: Indexes) -> Merged:
        """Merge those in a tile and its buffer, of the rows to keep. rows: the row of each shape of the source."""
        first_column, first_row = tile.x * _CELLS - _MARGIN, tile.y * _CELLS - _MARGIN
        reach = _CELLS + 2 * _MARGIN
        a, b = np.searchsorted(self.row, [first_row, first_row + reach])
        shape, column, row = self.shape[a:b], self.column[a:b], self.row[a:b]
        group = None if self.group is None else self.group[a:b]
        inside = (column >= first_column) & (column < first_column + reach)
        if keep is not None:
            inside &= keep[rows[shape]]
        if not inside.all():
            shape, column, row = shape[inside], column[inside], row[inside]
            group = None if group is None else group[inside]
        new = np.ones(len(shape), bool)
        new[1:] = (column[1:] != column[:-1]) | (row[1:] != row[:-1])
        if group is not None:
            new[1:] |= group[1:] != group[:-1]
        first = np.flatnonzero(new)
        count = np.diff(np.append(first, len(shape)))
        return Merged(
            shape[first].astype(np.int64),
            count,
            column[first].astype(np.int64) << CELL_BITS,
            row[first].astype(np.int64) << CELL_BITS,
        )


def small_shapes(
    shapes: Shapes, small: Flags, zoom: int, group: NDArray[np.int32] | None = None
) -> dict[Kind, SmallShapes]:
    """Sort the small shapes of a zoom into cells; each kind by itself, and each group where there are some.

    group: (m,) of all shapes
    """
    found = {}
    shift = shift_of(zoom) + CELL_BITS
    for kind in Kind:
        which = np.flatnonzero(small & (shapes.ragged.kind == kind))
        if not len(which):
            continue
        west, north, east, south = shapes.bounds[which].T
        column, row = (west + (east - west) // 2) >> shift, (north + (south - north) // 2) >> shift
        of = None if group is None else group[which]
        order = np.lexsort((which, -shapes.area[which], *([] if of is None else [of]), column, row))
        found[kind] = SmallShapes(
            which[order].astype(np.int32), column[order], row[order], None if of is None else of[order]
        )
    return found


def squares(merged: Merged) -> Ragged:
    """Draw cells; each carries the number of its largest shape."""
    count = len(merged.largest)
    rings = np.arange(count + 1)
    x = merged.x[:, np.newaxis] + np.array([0, CELL, CELL, 0])
    y = merged.y[:, np.newaxis] + np.array([0, 0, CELL, CELL])
    kind = np.full(count, Kind.POLYGON, np.uint8)
    no_hole = np.zeros(count, bool)
    return Ragged(
        merged.largest, kind, rings, no_hole, rings * 4, x.ravel().astype(np.int32), y.ravel().astype(np.int32)
    )
