"""Shapes on the grid of a zoom: rounded, thinned and still valid.

Rounding and thinning work on all vertices at once and can make a ring cross itself or a hole leave its outer ring. What
GEOS then finds invalid, seldom one in a hundred, is made anew from all of its vertices with snap rounding, which
cannot. What has no area left on the grid is drawn as wide as one can see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.tiles.mercator import WORLD_BITS
from modules.tiles.ragged import (
    EMPTY,
    Flags,
    Indexes,
    Kind,
    Ragged,
    doubled_areas,
    joined,
    offsets,
    owners,
    spans,
)
from modules.tiles.shapes import geometries_of, ragged_of_kind, simple_parts

#: Units of a tile, and of them in a pixel: a map draws a tile 512 pixels wide.
EXTENT_BITS: Final = 12
EXTENT: Final = 1 << EXTENT_BITS
PIXEL: Final = EXTENT // 512
LARGEST_ZOOM: Final = 14
#: How far from a straight line a vertex may be to be left out, in each of the passes, in units of the tile.
_TOLERANCE: Final = 1.0
_PASSES: Final = 4
#: Half the width of what would have none, in units of the tile.
_HALF_WIDTH: Final = 1.5
_TRIANGLE: Final = 3


def shift_of(zoom: int) -> int:
    """Tell by how many bits units of the world are finer than those of a zoom's tiles."""
    return WORLD_BITS - EXTENT_BITS - zoom


def rounded(values: NDArray[np.int32], shift: int) -> NDArray[np.int32]:
    """Round units of the world to those of a zoom."""
    return (values + np.int32((1 << shift) >> 1)) >> np.int32(shift)


def on_grid(shapes: Ragged, zoom: int) -> Ragged:
    """Give the same shapes on the grid of a zoom, perhaps in another order. Every shape keeps at least something."""
    if not len(shapes):
        return EMPTY
    shift = shift_of(zoom)
    draft = _thinned(replace(shapes, x=rounded(shapes.x, shift), y=rounded(shapes.y, shift)))
    draft, lost = _without_collapsed(draft)
    wrong = np.zeros(len(draft), bool)
    area = (draft.kind == Kind.POLYGON) & ~lost
    wrong[area] = ~_is_sound(draft if area.all() else draft.take(area))
    lost |= wrong
    if not lost.any():
        return draft
    return joined([draft.take(~lost), *(_made_anew(shapes.take(lost & (shapes.kind == kind)), shift) for kind in Kind)])


def _thinned(shapes: Ragged) -> Ragged:
    """Leave out vertices that say nothing on the grid. Points stay as they are."""
    kind = shapes.kind[owners(shapes.rings)]
    if (kind == Kind.POINT).all():
        return shapes
    shapes = _keeping(shapes, ~_repeated(shapes, kind))
    for number in range(_PASSES):
        # All passes, whether they find something or not: a shape must not look otherwise for what stands beside it.
        shapes = _keeping(shapes, ~_straight(shapes, kind, number % 2))
    return shapes


def _keeping(shapes: Ragged, keep: Flags) -> Ragged:
    """Leave vertices out; each ring keeps its first one."""
    kept = np.add.reduceat(keep, shapes.starts[:-1], dtype=np.int64)
    return replace(shapes, starts=offsets(kept), x=shapes.x[keep], y=shapes.y[keep])


def _repeated(shapes: Ragged, kind: NDArray[np.uint8]) -> Flags:
    """Tell the vertices that are where the one before them is, in rings also that before the first."""
    x, y, starts = shapes.x, shapes.y, shapes.starts
    same = np.zeros(len(x), bool)
    same[1:] = (x[1:] == x[:-1]) & (y[1:] == y[:-1])
    same[starts[:-1]] = False
    closing = starts[1:] - 1
    first = starts[:-1]
    same[closing] |= (kind == Kind.POLYGON) & (closing > first) & (x[closing] == x[first]) & (y[closing] == y[first])
    if (kind == Kind.POINT).any():
        same &= np.repeat(kind != Kind.POINT, np.diff(starts))
    return same


def _straight(shapes: Ragged, kind: NDArray[np.uint8], parity: int) -> Flags:
    """Tell vertices near the line between their neighbours, no two in a row, and neither first nor last of a line.

    The first of a ring always stays, as does a triangle.
    """
    starts, count = shapes.starts, np.diff(shapes.starts)
    found = np.zeros(len(shapes.x), bool)
    place = np.arange(len(found)) - np.repeat(starts[:-1], count)
    last = np.where(kind == Kind.POLYGON, count, count - 1)
    last[(kind == Kind.POINT) | (count <= np.where(kind == Kind.POLYGON, _TRIANGLE, 2))] = 0
    asked = np.flatnonzero((place % 2 == parity) & (place > 0) & (place < np.repeat(last, count)))
    after = asked + 1
    end = np.repeat(starts[1:], count)[asked]
    after = np.where(after == end, np.repeat(starts[:-1], count)[asked], after)
    x, y, before_x, before_y = shapes.x[asked], shapes.y[asked], shapes.x[asked - 1], shapes.y[asked - 1]
    # From the vertex itself: whole numbers of the world are too large to be multiplied.
    ax, ay = (before_x - x).astype(np.float64), (before_y - y).astype(np.float64)
    bx, by = (shapes.x[after] - x).astype(np.float64), (shapes.y[after] - y).astype(np.float64)
    cross = ax * by - ay * bx
    near = cross * cross <= _TOLERANCE * _TOLERANCE * ((bx - ax) ** 2 + (by - ay) ** 2)
    # Near the line and not beyond its ends: the tip of a thin strip is near it and far beyond.
    near &= ax * bx + ay * by <= _TOLERANCE * _TOLERANCE
    found[asked[near]] = True
    return found


def _without_collapsed(shapes: Ragged) -> tuple[Ragged, Flags]:
    """Leave out rings without an area on the grid, and holes in such; tells which shapes have none left.

    Those keep a ring that is not fit to be drawn, so that every shape is there still.
    """
    kind = shapes.kind[owners(shapes.rings)]
    count = np.diff(shapes.starts)
    area = doubled_areas(shapes.x, shapes.y, shapes.starts)
    good = np.where(shapes.hole, area < 0, area > 0) & (count >= _TRIANGLE)
    good = np.where(kind == Kind.POLYGON, good, np.where(kind == Kind.LINE, count > 1, True))
    outer = np.cumsum(~shapes.hole) - 1
    good &= good[~shapes.hole][outer]
    left = np.add.reduceat(good, shapes.rings[:-1], dtype=np.int64)
    lost = left == 0
    good[shapes.rings[:-1][lost]] = True
    if good.all():
        return shapes, lost
    ring = np.flatnonzero(good)
    vertex, starts = spans(shapes.starts, ring)
    return (
        replace(
            shapes,
            rings=offsets(np.maximum(left, 1)),
            hole=shapes.hole[ring],
            starts=starts,
            x=shapes.x[vertex],
            y=shapes.y[vertex],
        ),
        lost,
    )


def _is_sound(shapes: Ragged) -> Flags:
    """Ask GEOS which polygons are valid; a single triangle is."""
    sound = np.ones(len(shapes), bool)
    first = shapes.rings[:-1]
    doubtful = (np.diff(shapes.rings) > 1) | (np.diff(shapes.starts)[first] > _TRIANGLE)
    sound[doubtful] = shapely.is_valid(geometries_of(shapes.take(doubtful)))
    return sound


def _made_anew(shapes: Ragged, shift: int) -> Ragged:
    """Round shapes of one kind slowly and surely."""
    if not len(shapes):
        return EMPTY
    if shapes.kind[0] == Kind.LINE:
        return _dashes(shapes, shift)
    scaled = shapely.transform(geometries_of(shapes), lambda vertices: vertices / (1 << shift))
    return snapped(shapely.make_valid(scaled), shapes.shape)


def snapped(geometry: Geometries, numbers: Indexes) -> Ragged:
    """Round polygons, n of units of a tile, to whole ones with snap rounding; what vanishes is widened first."""
    fitted = shapely.set_precision(geometry, 1.0)
    gone = shapely.area(fitted) == 0
    if gone.any():
        wide = shapely.buffer(geometry[gone], _HALF_WIDTH, quad_segs=1, join_style="mitre", mitre_limit=1.5)
        fitted[gone] = shapely.set_precision(wide, 1.0)
    return ragged_of(fitted, numbers, Kind.POLYGON)


def _dashes(shapes: Ragged, shift: int) -> Ragged:
    """Draw lines that shrink to one vertex a unit long."""
    first = shapes.starts[shapes.rings[:-1]]
    x, y = rounded(shapes.x[first], shift), rounded(shapes.y[first], shift)
    rings = np.arange(len(shapes) + 1)
    ends = np.column_stack([x, x + 1]).ravel().astype(np.int32)
    return Ragged(shapes.shape, shapes.kind, rings, np.zeros(len(shapes), bool), rings * 2, ends, np.repeat(y, 2))


def ragged_of(geometry: Geometries, numbers: Indexes, kind: Kind) -> Ragged:
    """Turn geometries of whole units into shapes that carry `numbers`; what is of another kind is left out."""
    parts, row = simple_parts(geometry)
    wanted = shapely.get_dimensions(parts) == kind - 1
    if not wanted.any():
        return EMPTY
    found = ragged_of_kind(parts[wanted], row[wanted], kind, _whole)
    return replace(found, shape=numbers[found.shape])


def _whole(vertices: NDArray[np.float64], _starts: Indexes, _first: Indexes) -> NDArray[np.int32]:
    return np.rint(vertices).astype(np.int32)
