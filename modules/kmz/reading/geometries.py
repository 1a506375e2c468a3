"""Geometries of all features, collected as texts and built at once.

A feature's geometry is a list of parts, nested MultiGeometry laid flat; a part is a point, a line or a polygon and has
one text of coordinates, a polygon one for each ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.domain.reasons import Reason
from modules.kmz.reading.coordinates import Coordinates, read_coordinates

#: Texts are turned into numbers when this many letters are waiting: Arrow needs about ten times their room.
_LETTERS_AT_ONCE: Final = 4_000_000
#: Positions that a ring needs, the last one equal to the first, and that a line needs (KML 2.2, clause 10).
_RING_MIN: Final = 4
_LINE_MIN: Final = 2
_MULTI: Final = {
    shapely.GeometryType.POINT: shapely.multipoints,
    shapely.GeometryType.LINESTRING: shapely.multilinestrings,
    shapely.GeometryType.POLYGON: shapely.multipolygons,
}


class Kind(IntEnum):
    """What a part is. A ring by itself is a closed line."""

    POINT = 0
    LINE = 1
    RING = 2
    POLYGON = 3


class TooManyPositions(Exception):
    """The geometries have more positions than the limit."""


@dataclass(frozen=True, slots=True)
class Built:
    """Geometries of n features.

    geometry: shape (n,), None where nothing could be built
    rejected: feature and reason of each part, or hole of one, that was left out
    closed: how many rings had to be closed
    high: shape (n,), whether an altitude other than zero was left out
    """

    geometry: NDArray[np.object_]
    rejected: list[tuple[int, Reason]]
    closed: int
    high: NDArray[np.bool_]


class Geometries:
    """Collects parts, then builds all of them. Raises TooManyPositions as soon as there are more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kinds: list[Kind] = []
        self._features: list[int] = []
        self._parts: list[int] = []
        self._holes: list[bool] = []
        self._waiting: list[str] = []
        self._letters = 0
        self._read: list[Coordinates] = []
        self._positions = 0

    def add(self, feature: int, kind: Kind, texts: Sequence[str]) -> None:
        """Add a part of feature number `feature`; texts: coordinates, for a polygon the outline's and the holes'."""
        self._kinds.append(kind)
        self._features.append(feature)
        for number, text in enumerate(texts):
            self._parts.append(len(self._kinds) - 1)
            self._holes.append(number > 0)
            self._waiting.append(text)
            self._letters += len(text)
        if self._letters > _LETTERS_AT_ONCE:
            self._flush()

    def build(self, features: int) -> Built:
        """Build the geometries of that many features."""
        self._flush()
        texts = _together(self._read)
        part, hole = np.array(self._parts, dtype=np.int64), np.array(self._holes, dtype=bool)
        kind = np.array(self._kinds, dtype=np.int8)
        owner = np.array(self._features, dtype=np.int64)
        texts, closed = _close_rings(texts, kind[part] >= Kind.RING)
        reasons = _reasons(texts, kind[part])
        reasons_of_part = _first_reason(len(kind), part, hole, reasons)
        kept = _is_none(reasons_of_part)
        flaws = [(int(owner[index]), reasons_of_part[index]) for index in np.flatnonzero(~kept)]
        # A hole that encloses nothing takes nothing away: the polygon stays without it.
        dropped = hole & (reasons == Reason.UNREPAIRABLE)
        flaws += [(int(owner[index]), Reason.UNREPAIRABLE) for index in part[dropped & kept[part]]]
        sound = kept[part] & ~dropped
        high = np.zeros(features, dtype=bool)
        high[owner[part[texts.high & sound]]] = True
        built = _build_parts(texts, kind, part, sound)
        return Built(_gather(built, owner, features), sorted(flaws, key=lambda flaw: flaw[0]), closed, high)

    def _flush(self) -> None:
        if self._waiting:
            read = read_coordinates(self._waiting)
            self._positions += len(read.positions)
            if self._positions > self._limit:
                raise TooManyPositions
            self._read.append(read)
            self._waiting, self._letters = [], 0


def _is_none(objects: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.fromiter((each is None for each in objects), dtype=bool, count=len(objects))


def _together(read: list[Coordinates]) -> Coordinates:
    if not read:
        nothing = np.zeros(0, dtype=bool)
        return Coordinates(np.empty((0, 2)), np.zeros(0, dtype=np.int64), nothing, nothing)
    return Coordinates(
        np.concatenate([each.positions for each in read]),
        np.concatenate([each.counts for each in read]),
        np.concatenate([each.unreadable for each in read]),
        np.concatenate([each.high for each in read]),
    )


def _close_rings(texts: Coordinates, ring: NDArray[np.bool_]) -> tuple[Coordinates, int]:
    """Repeat the first position of rings that do not end where they begin."""
    ends = np.cumsum(texts.counts)
    several = np.flatnonzero(ring & (texts.counts > 1))
    first, last = texts.positions[(ends - texts.counts)[several]], texts.positions[ends[several] - 1]
    # NaN is not equal to itself; such a ring is rejected anyway.
    is_open = (first != last).any(axis=1) & np.isfinite(first).all(axis=1)
    opened = several[is_open]
    positions = np.insert(texts.positions, ends[opened], first[is_open], axis=0)
    counts = texts.counts.copy()
    counts[opened] += 1
    return Coordinates(positions, counts, texts.unreadable, texts.high), len(opened)


def _reasons(texts: Coordinates, kind: NDArray[np.int8]) -> NDArray[np.object_]:
    """Tell for each text the reason its numbers cannot be kept, None where there is none."""
    reasons = np.full(len(texts.counts), None, dtype=object)
    owner = np.repeat(np.arange(len(texts.counts)), texts.counts)
    # From the weakest reason to the strongest: what is written last stays.
    reasons[(kind >= Kind.RING) & (texts.counts < _RING_MIN)] = Reason.UNREPAIRABLE
    reasons[(kind == Kind.LINE) & (texts.counts < _LINE_MIN)] = Reason.UNREADABLE_GEOMETRY
    reasons[(kind == Kind.POINT) & (texts.counts > 1)] = Reason.UNREADABLE_GEOMETRY
    outside = (np.abs(texts.positions) > (180.0, 90.0)).any(axis=1)
    reasons[owner[outside]] = Reason.OUT_OF_RANGE
    reasons[owner[~np.isfinite(texts.positions).all(axis=1)]] = Reason.NOT_FINITE
    reasons[texts.counts == 0] = Reason.EMPTY_GEOMETRY
    reasons[texts.unreadable] = Reason.UNREADABLE_GEOMETRY
    return reasons


def _first_reason(
    parts: int, part: NDArray[np.int64], hole: NDArray[np.bool_], reasons: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Tell for each part why it is left out: its outline's reason, or that of a hole that encloses something."""
    found = np.full(parts, None, dtype=object)
    harmless = hole & ((reasons == Reason.UNREPAIRABLE) | (reasons == Reason.EMPTY_GEOMETRY))
    counted = np.flatnonzero(~_is_none(reasons) & ~harmless)[::-1]
    found[part[counted]] = reasons[counted]
    return found


def _build_parts(
    texts: Coordinates, kind: NDArray[np.int8], part: NDArray[np.int64], sound: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Build the sound texts into parts; an empty hole is no ring of its polygon."""
    built = np.full(len(kind), None, dtype=object)
    sound = sound & (texts.counts > 0)
    for wanted in Kind:
        chosen = np.flatnonzero(sound & (kind[part] == wanted))
        if not len(chosen):
            continue
        positions = texts.positions[np.repeat(sound & (kind[part] == wanted), texts.counts)]
        indices = np.repeat(np.arange(len(chosen)), texts.counts[chosen])
        if wanted is Kind.POINT:
            built[part[chosen]] = shapely.points(positions)
        elif wanted is Kind.POLYGON:
            rings = shapely.linearrings(positions, indices=indices)
            owners, polygon = np.unique(part[chosen], return_inverse=True)
            built[owners] = shapely.polygons(rings, indices=polygon)
        else:
            built[part[chosen]] = shapely.linestrings(positions, indices=indices)
    return built


def _gather(parts: NDArray[np.object_], owner: NDArray[np.int64], features: int) -> NDArray[np.object_]:
    """Give each feature its part, or its parts put together."""
    there = np.flatnonzero(~_is_none(parts))
    parts, owner = parts[there], owner[there]
    geometry = np.full(features, None, dtype=object)
    count = np.bincount(owner, minlength=features)
    single = count[owner] == 1
    geometry[owner[single]] = parts[single]
    ends = np.cumsum(count)
    for feature in np.flatnonzero(count > 1):
        geometry[feature] = _multi(parts[ends[feature] - count[feature] : ends[feature]])
    return geometry


def _multi(parts: NDArray[np.object_]) -> shapely.Geometry:
    kinds = set(shapely.get_type_id(parts).tolist())
    return _MULTI[kinds.pop()](parts) if len(kinds) == 1 else shapely.geometrycollections(parts)
