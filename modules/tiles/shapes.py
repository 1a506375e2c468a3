"""Geometries → shapes in memory, once for each source: in web mercator, wound as MVT asks, near ones side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.tiles.mercator import WORLD, WORLD_BITS, Ints, project
from modules.tiles.ragged import (
    EMPTY,
    Indexes,
    Kind,
    Ragged,
    doubled_areas,
    joined,
    offsets,
    owners,
)

_COLLECTIONS: Final = (4, 5, 6, 7)
_POINT, _LINES, _POLYGON = 0, (1, 2), 3
#: Of the two edges of the world: what lies nearer is seen in the margin of the tiles beyond the other one.
_NEAR_EDGE: Final = WORLD // 32
_HALF_TURN: Final = 180.0
_ORDER_BITS: Final = 16
#: Batches that are taken in side by side.
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of a source, sorted so that near ones stand near each other.

    ragged: n shapes in units of the world; `ragged.shape` is the row that each belongs to (a row may have several: one
            for each kind of what it is made of, and copies beyond the antimeridian)
    bounds: (n, 4) west, north, east, south in units of the world
    area:   (n,) units² of the world; 0 for points and lines
    label:  (n, 2) a point inside of each, where it stands: the copy beyond the antimeridian has its own
    """

    ragged: Ragged
    bounds: Ints
    area: NDArray[np.float32]
    label: Ints

    def __len__(self) -> int:
        return len(self.ragged)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.ragged.nbytes + sum(each.nbytes for each in (self.bounds, self.area, self.label))


def shapes_of(batches: Iterable[Geometries]) -> Shapes:
    """Take in geometries in WGS84 degrees, batch after batch: of any kind, null and empty ones too, which have none."""
    found = [part for part in _taken_in(batches) if len(part.ragged)]
    if not found:
        return Shapes(EMPTY, np.zeros((0, 4), np.int32), np.zeros(0, np.float32), np.zeros((0, 2), np.int32))
    label, area = (np.concatenate([getattr(part, name) for part in found]) for name in ("label", "area"))
    parts = [part.ragged for part in found]
    del found
    everything = joined(parts)
    del parts
    return _finished(everything, area, label)


class _Part(NamedTuple):
    """Shapes of a batch: each with its area and a point inside."""

    ragged: Ragged
    area: NDArray[np.float32]
    label: Ints


def _taken_in(batches: Iterable[Geometries]) -> Iterator[_Part]:
    """Take in batches side by side, for GEOS lets go of the interpreter's lock; few at a time, for they are large."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="shapes") as threads:
        coming: deque[Future[_Part]] = deque()
        row = 0
        for geometry in batches:
            coming.append(threads.submit(_batch, np.asarray(geometry, dtype=object), row))
            row += len(geometry)
            if len(coming) > _AT_ONCE:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _finished(ragged: Ragged, area: NDArray[np.float32], label: Ints) -> Shapes:
    """Put n > 0 shapes beside their neighbours."""
    bounds = bounds_of(ragged)
    seen = (bounds[:, 3] >= 0) & (bounds[:, 1] <= WORLD)  # not all of it beyond web mercator's square
    places, moves = _with_copies(bounds, seen)
    order = np.argsort(_places_on_curve(bounds[places], moves), kind="stable")
    places, moves = places[order], moves[order]
    taken = _moved(ragged.take(places), moves)
    bounds, label = bounds[places], label[places]
    bounds[:, ::2] += moves[:, np.newaxis]
    label[:, 0] += moves
    return Shapes(taken, bounds, area[places], label)


def _batch(geometry: Geometries, first_row: int) -> _Part:
    """Take in n geometries."""
    parts, row = simple_parts(geometry)
    kind_of = shapely.get_type_id(parts)
    found, points = [], []
    for kind, of_kind in (
        (Kind.POLYGON, kind_of == _POLYGON),
        (Kind.LINE, np.isin(kind_of, _LINES)),
        (Kind.POINT, kind_of == _POINT),
    ):
        if of_kind.any():
            ragged = ragged_of_kind(parts[of_kind], row[of_kind], kind, _in_world)
            points.append(_labels(ragged, kind))
            found.append(replace(ragged, shape=ragged.shape + first_row))
    ragged = joined(found)
    return _Part(ragged, _areas(ragged), np.concatenate(points) if points else np.zeros((0, 2), np.int32))


def simple_parts(geometry: Geometries) -> tuple[Geometries, Indexes]:
    """Take collections apart, also those in others, and leave out what is null or empty; tells the row of each."""
    parts, row = geometry, np.arange(len(geometry))
    while True:
        there = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
        parts, row = parts[there], row[there]
        if not np.isin(shapely.get_type_id(parts), _COLLECTIONS).any():
            return parts, row
        parts, of = shapely.get_parts(parts, return_index=True)
        row = row[of]


def ragged_of_kind(
    parts: Geometries, row: Indexes, kind: Kind, place: Callable[[NDArray[np.float64], Indexes, Indexes], Ints]
) -> Ragged:
    """Turn simple geometries of one kind into shapes, one for each row; their rows ascend.

    place: gives whole numbers for n vertices, shape (n, 2), of rings that begin at some of them, shape (rings + 1,),
           and of shapes that begin at some of the rings
    """
    if kind is Kind.POLYGON:
        rings, part = shapely.get_rings(parts, return_index=True)
        hole = np.zeros(len(rings), bool)
        hole[1:] = part[1:] == part[:-1]
    else:
        rings, part = parts, np.arange(len(parts))
        hole = np.zeros(len(parts), bool)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    starts = offsets(np.bincount(ring, minlength=len(rings)))
    rows, first = np.unique(row[part], return_index=True)
    world = place(vertices, starts, first)
    if kind is Kind.POLYGON:  # a ring's last vertex is its first
        keep = np.ones(len(world), bool)
        keep[starts[1:] - 1] = False
        world, starts = world[keep], starts - np.arange(len(starts))
    kinds = np.full(len(rows), kind, np.uint8)
    shape_starts = np.append(first, len(rings))
    x, y = np.ascontiguousarray(world[:, 0]), np.ascontiguousarray(world[:, 1])
    ragged = Ragged(rows, kinds, shape_starts, hole, starts, x, y)
    return _wound(ragged) if kind is Kind.POLYGON else ragged


def _in_world(degrees: NDArray[np.float64], starts: Indexes, first: Indexes) -> Ints:
    """Project, and put together what lies on both sides of the antimeridian.

    That is what has an edge longer than half the globe, and shapes whose rings lie on one side each. A ring that goes
    over the middle of the map with shorter edges is as wide as it seems, and so is one with edges around the globe.
    """
    west, east = (extreme.reduceat(degrees[:, 0], starts[:-1]) for extreme in (np.minimum, np.maximum))
    wide = np.maximum.reduceat(east, first) - np.minimum.reduceat(west, first) > _HALF_TURN
    if wide.any():
        jump = np.abs(np.diff(degrees[:, 0], append=degrees[-1, 0]))
        jump[starts[1:] - 1] = 0  # from a ring to the next is no edge
        crosses = np.logical_or.reduceat((jump > _HALF_TURN) & (jump < 2 * _HALF_TURN), starts[:-1])
        fixed = np.logical_or.reduceat((west < 0) & (east > 0) & ~crosses, first)
        of_shape = np.repeat(wide & ~fixed, np.diff(np.append(starts[first], len(degrees))))
        degrees[:, 0] += np.where(of_shape & (degrees[:, 0] < 0), 360.0, 0.0)
    return project(degrees)


def _wound(ragged: Ragged) -> Ragged:
    """Turn outer rings clockwise on the screen and holes the other way, as MVT has them."""
    return turned(ragged, (doubled_areas(ragged.x, ragged.y, ragged.starts) < 0) != ragged.hole)


def geometries_of(shapes: Ragged) -> Geometries:
    """Make geometries of shapes that are all polygons, or all lines."""
    if not len(shapes):
        return np.zeros(0, dtype=object)
    if shapes.kind[0] == Kind.LINE:
        degrees = np.column_stack([shapes.x, shapes.y]).astype(np.float64)
        lines = (degrees, (shapes.starts, shapes.rings))
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType.MULTILINESTRING, lines[0], lines[1]))
    # Each ring ends where it begins, and outer rings with their holes are polygons of a multipolygon.
    count = np.diff(shapes.starts)
    closed = offsets(count + 1)
    place = np.arange(closed[-1])
    ring = owners(closed)
    vertex = shapes.starts[ring] + (place - closed[ring]) % count[ring]
    vertices = np.column_stack([shapes.x[vertex], shapes.y[vertex]]).astype(np.float64)
    outer = np.flatnonzero(~shapes.hole)
    polygon = np.append(outer, len(shapes.hole))
    of_shape = np.searchsorted(outer, shapes.rings)
    if len(outer) == len(shapes):
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, vertices, (closed, polygon)))
    made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, vertices, (closed, polygon, of_shape))
    return np.asarray(made)


def turned(ragged: Ragged, which: NDArray[np.bool_]) -> Ragged:
    """Give the same shapes with some rings the other way around."""
    if not which.any():
        return ragged
    ring = owners(ragged.starts)
    place = np.arange(len(ragged.x))
    mirrored = ragged.starts[ring] + ragged.starts[ring + 1] - 1 - place
    order = np.where(which[ring], mirrored, place)
    return replace(ragged, x=ragged.x[order], y=ragged.y[order])


def _labels(ragged: Ragged, kind: Kind) -> Ints:
    """Find a point inside each shape: inside the largest of its polygons, else on the middle of its vertices.

    It is looked for on the map, where edges are straight, and not in degrees, where they are others.
    """
    if kind is Kind.POLYGON:
        parts, row = shapely.get_parts(geometries_of(ragged), return_index=True)
        parts = parts[_largest(shapely.area(parts), row)]
        points = shapely.centroid(parts)
        outside = ~shapely.contains_properly(parts, points)
        points[outside] = shapely.point_on_surface(parts[outside])
        places: Ints = np.rint(shapely.get_coordinates(points)).astype(np.int32)
        return places
    first = ragged.starts[ragged.rings[:-1]]
    middle = first + (ragged.starts[ragged.rings[:-1] + 1] - first) // 2
    return np.column_stack([ragged.x[middle], ragged.y[middle]])


def _largest(areas: NDArray[np.float64], row: Indexes) -> Indexes:
    order = np.lexsort((areas, row))
    last = np.append(row[order][1:] != row[order][:-1], True)
    largest: Indexes = order[last]
    return largest


def bounds_of(ragged: Ragged) -> Ints:
    """Tell west, north, east, south of n > 0 shapes, shape (n, 4)."""
    first = ragged.starts[ragged.rings[:-1]]
    edges = [np.minimum.reduceat(each, first) for each in (ragged.x, ragged.y)]
    edges += [np.maximum.reduceat(each, first) for each in (ragged.x, ragged.y)]
    return np.column_stack(edges)


def _with_copies(bounds: Ints, seen: NDArray[np.bool_]) -> tuple[Indexes, Ints]:
    """Tell the shapes and how far each is moved: those at the world's edges stand beyond the other edge as well."""
    every = np.flatnonzero(seen)
    east, west = (
        np.flatnonzero(seen & (bounds[:, 2] > WORLD - _NEAR_EDGE)),
        # What reaches the other edge as well is there already, and moved it would not fit into 32 bits.
        np.flatnonzero(seen & (bounds[:, 0] < _NEAR_EDGE) & (bounds[:, 2] < WORLD)),
    )
    places = np.concatenate([every, east, west])
    moves = np.zeros(len(places), np.int32)
    moves[len(every) : len(every) + len(east)] = -WORLD
    moves[len(every) + len(east) :] = WORLD
    return places, moves


def _moved(ragged: Ragged, moves: Ints) -> Ragged:
    if not moves.any():
        return ragged
    of_vertex = np.repeat(moves, np.diff(ragged.starts[ragged.rings]))
    return replace(ragged, x=ragged.x + of_vertex)


def _places_on_curve(bounds: Ints, moves: Ints) -> NDArray[np.uint64]:
    """Tell the place of each middle on a Z-curve through the world (Morton order)."""
    shift = WORLD_BITS - _ORDER_BITS
    x = (bounds[:, 0].astype(np.int64) + bounds[:, 2]) // 2 + moves
    y = (bounds[:, 1].astype(np.int64) + bounds[:, 3]) // 2
    return _spread(np.clip(x >> shift, 0, 65535)) | (_spread(np.clip(y >> shift, 0, 65535)) << np.uint64(1))


def _spread(values: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Put a zero between each two bits of numbers below 2^16."""
    spread = values.astype(np.uint64)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread


def _areas(ragged: Ragged) -> NDArray[np.float32]:
    if not len(ragged):
        return np.zeros(0, np.float32)
    doubled = np.add.reduceat(doubled_areas(ragged.x, ragged.y, ragged.starts), ragged.rings[:-1])
    return np.where(ragged.kind == Kind.POLYGON, doubled / 2, 0).astype(np.float32)
