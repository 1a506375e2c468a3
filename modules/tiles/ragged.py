"""Shapes as arrays: each shape has rings (or lines, or single points), each ring has vertices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.tiles.mercator import Ints

Indexes = NDArray[np.int64]
Flags = NDArray[np.bool_]


#: Shapes that are taken in one go.
_AT_ONCE: Final = 100_000


class Kind(IntEnum):
    """What a shape is made of, by the numbers of MVT."""

    POINT = 1
    LINE = 2
    POLYGON = 3


@dataclass(frozen=True, slots=True)
class Ragged:
    """s shapes of r rings of v vertices.

    shape:  (s,) a number that each carries along
    kind:   (s,) `Kind`
    rings:  (s + 1,) where the rings of each begin; an outer ring stands before the holes in it
    hole:   (r,)
    starts: (r + 1,) where the vertices of each ring begin; the last vertex of a polygon's ring is not its first again
    x, y:   (v,) units of the world, or of a zoom's grid
    """

    shape: Indexes
    kind: NDArray[np.uint8]
    rings: Indexes
    hole: Flags
    starts: Indexes
    x: Ints
    y: Ints

    def __len__(self) -> int:
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(each.nbytes for each in (self.shape, self.kind, self.rings, self.hole, self.starts, self.x, self.y))

    def take(self, which: NDArray[np.integer] | Flags) -> Ragged:
        """Give the shapes at some places, or those that are flagged, in that order."""
        places: NDArray[np.integer] = np.flatnonzero(which) if which.dtype == bool else which.astype(np.int64)
        if len(places) > _AT_ONCE:  # the places of all their vertices would be more than the vertices themselves
            return joined([self.take(places[a : a + _AT_ONCE]) for a in range(0, len(places), _AT_ONCE)])
        ring, rings = spans(self.rings, places)
        vertex, starts = spans(self.starts, ring)
        return Ragged(
            self.shape[places],
            self.kind[places],
            rings,
            self.hole[ring],
            starts,
            self.x[vertex],
            self.y[vertex],
        )

    def slice(self, first: int, last: int) -> Ragged:
        """Give the shapes from `first` up to, without, `last`; nothing is copied but the offsets."""
        ring_a, ring_b = int(self.rings[first]), int(self.rings[last])
        a, b = int(self.starts[ring_a]), int(self.starts[ring_b])
        return Ragged(
            self.shape[first:last],
            self.kind[first:last],
            self.rings[first : last + 1] - ring_a,
            self.hole[ring_a:ring_b],
            self.starts[ring_a : ring_b + 1] - a,
            self.x[a:b],
            self.y[a:b],
        )


EMPTY: Final = Ragged(
    np.zeros(0, np.int64),
    np.zeros(0, np.uint8),
    np.zeros(1, np.int64),
    np.zeros(0, bool),
    np.zeros(1, np.int64),
    np.zeros(0, np.int32),
    np.zeros(0, np.int32),
)


def joined(parts: Sequence[Ragged]) -> Ragged:
    """Put shapes one after the other."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else EMPTY
    return Ragged(
        np.concatenate([part.shape for part in parts]),
        np.concatenate([part.kind for part in parts]),
        _joined_offsets([part.rings for part in parts]),
        np.concatenate([part.hole for part in parts]),
        _joined_offsets([part.starts for part in parts]),
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
    )


def _joined_offsets(parts: Sequence[Indexes]) -> Indexes:
    counts = np.concatenate([np.diff(part) for part in parts])
    return offsets(counts)


def offsets(counts: NDArray[np.integer]) -> Indexes:
    """Turn n counts into the n + 1 places where each begins and the last ends."""
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    return found


def spans(starts: Indexes, which: NDArray[np.integer]) -> tuple[Indexes, Indexes]:
    """Give the places of all that some spans hold, and the offsets of these spans in it."""
    first = starts[which]
    held = offsets(starts[which + 1] - first)
    return np.repeat(first - held[:-1], np.diff(held)) + np.arange(held[-1]), held


def owners(starts: Indexes) -> Indexes:
    """Tell for each thing the number of the span that holds it."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def doubled_areas(x: NDArray[np.integer], y: NDArray[np.integer], starts: Indexes) -> NDArray[np.float64]:
    """Tell twice the area of each ring by the surveyor's formula: positive where it turns clockwise on the screen."""
    if len(starts) == 1:
        return np.zeros(0)
    # From each ring's first vertex: numbers of the whole world would lose the digits of a small ring.
    first = np.repeat(starts[:-1], np.diff(starts))
    xs, ys = (x - x[first]).astype(np.float64), (y - y[first]).astype(np.float64)
    following = neighbours(starts)[1]
    cross = xs * ys[following] - xs[following] * ys
    return np.asarray(np.add.reduceat(cross, starts[:-1]))


def neighbours(starts: Indexes) -> tuple[Indexes, Indexes]:
    """Tell the place of the vertex before and after each one, around each ring; no ring may be empty."""
    count = int(starts[-1])
    before, after = np.arange(-1, count - 1), np.arange(1, count + 1)
    before[starts[:-1]] = starts[1:] - 1
    after[starts[1:] - 1] = starts[:-1]
    return before, after
