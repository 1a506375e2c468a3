"""What differs between two tables of fields, and how many rows of any layer do.

Rows are the same when their id is. Where both tables have the fingerprints of `modules.snapshots.layers`, those tell
which rows differ; else the values themselves are held against each other, which finds the same and reads all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.changes.arrays import integers_in, places_of, truths_in
from modules.changes.families import Candidates, find_families
from modules.changes.kinds import Kind
from modules.changes.result import (
    AttributeChange,
    Balance,
    Changes,
    Family,
    FieldChange,
    FieldFacts,
    LayerCounts,
    Value,
)
from modules.changes.rows import Indices, Rows
from modules.changes.shapes import compare_shapes
from modules.domain.columns import HECTARES
from modules.domain.layers import NAME_COLUMN, Layer
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.geometry.batches import Geometries
from modules.geometry.measures import on_equal_area_plane

#: As `modules.snapshots.layers` names them, which brings all that a backup needs along: a tenth of a second.
GEOMETRY_FINGERPRINT: Final = "huella_geometria"
ATTRIBUTES_FINGERPRINT: Final = "huella_atributos"
_NAME: Final = NAME_COLUMN[Layer.FIELDS]
#: What is told of every field that differs.
_FACTS: Final = ("id", _NAME, "campo_id", "campo", "cultivo")
#: Columns that are no attributes of the portal's, and the moment it last touched a row.
_NO_ATTRIBUTES: Final = {
    *("id", "actualizado", "reparado", "perimetro_m", HECTARES),
    *(GEOMETRY_FINGERPRINT, ATTRIBUTES_FINGERPRINT, GEOMETRY, BBOX),
}

T = TypeVar("T")


def compare_fields(before: Rows, now: Rows) -> Changes:
    """Tell what differs between the fields of two snapshots; each row has an id of its own."""
    return _Comparison(before, now).changes()


def count_changes(before: Rows, now: Rows) -> LayerCounts:
    """Count the rows of any layer that are new, gone, or whose geometry or attributes are others."""
    match = _Match.of(*_both(_ids, (before,), (now,)))
    differs = _geometry_differs(before, now, match) | _attributes_differ(before, now, match)
    return LayerCounts(before.count, now.count, len(match.added), len(match.removed), int(differs.sum()))


@dataclass(frozen=True, slots=True)
class _Match:
    """Places of rows: those that both have, in the same order, those only of `now` and those only of `before`."""

    before: Indices
    now: Indices
    added: Indices
    removed: Indices

    @classmethod
    def of(cls, before: pa.ChunkedArray, now: pa.ChunkedArray) -> _Match:
        found = pc.index_in(now, value_set=before.combine_chunks())
        known = truths_in(pc.is_valid(found))
        both = np.flatnonzero(known)
        places = integers_in(found)[both]
        gone = np.ones(len(before), dtype=bool)
        gone[places] = False
        return cls(places, both, np.flatnonzero(~known), np.flatnonzero(gone))


class _Comparison:
    """The fields of two snapshots held against each other; `before` and `now` are pairs of the same thing."""

    def __init__(self, before: Rows, now: Rows) -> None:
        hashed = all(rows.has(GEOMETRY_FINGERPRINT, ATTRIBUTES_FINGERPRINT) for rows in (before, now))
        self._rows = _both(_held, (before, hashed), (now, hashed))
        self._known = _both(_facts, self._rows[:1], self._rows[1:])
        self._match = _Match.of(self._known[0].table["id"], self._known[1].table["id"])

    def changes(self) -> Changes:
        before, now = self._known
        fields, families = self._fields()
        counts = LayerCounts(
            len(before.table),
            len(now.table),
            len(self._match.added),
            len(self._match.removed),
            sum(change.before is not None and change.now is not None for change in fields),
        )
        return Changes(
            fields=fields,
            families=families,
            farms=_balances(before, now, "campo_id", "campo"),
            crops=_balances(before, now, "cultivo", "cultivo"),
            layers={Layer.FIELDS.value: counts},
        )

    def _fields(self) -> tuple[list[FieldChange], list[Family]]:
        match = self._match
        other_shape = np.flatnonzero(_geometry_differs(*self._rows, match))
        shapes = self._shapes(other_shape)
        found = compare_shapes(*(side[: len(other_shape)] for side in shapes))
        reshaped = found.differs & ~found.moved
        drafts = _Drafts(self._known)
        for place in np.flatnonzero(found.differs).tolist():
            index = int(other_shape[place])
            draft = drafts.of(int(match.before[index]), int(match.now[index]))
            draft.differing_ha = float(found.hectares[place])
            draft.kinds.add(Kind.MOVED if found.moved[place] else Kind.RESHAPED)
            draft.shift_m = float(found.shift_m[place]) if found.moved[place] else None
        for index, attribute in self._attribute_changes():
            draft = drafts.of(int(match.before[index]), int(match.now[index]))
            draft.kinds.add(Kind.RENAMED if attribute.column == _NAME else Kind.ATTRIBUTES)
            draft.attributes.append(attribute)
        for place in match.added.tolist():
            drafts.of(None, place).kinds.add(Kind.ADDED)
        for place in match.removed.tolist():
            drafts.of(place, None).kinds.add(Kind.REMOVED)
        families = self._families(other_shape, shapes, reshaped)
        drafts.take(families)
        return drafts.finished(), families

    def _shapes(self, other_shape: Indices) -> tuple[Geometries, Geometries]:
        """Read the outlines of both snapshots, those that differ first, then those that only one of them has.

        In one go, because whole row groups are read for the few rows in them; none where none is asked for.
        """
        if not len(other_shape) + len(self._match.added) + len(self._match.removed):
            return np.empty(0, dtype=object), np.empty(0, dtype=object)
        places = (
            np.concatenate([self._match.before[other_shape], self._match.removed]),
            np.concatenate([self._match.now[other_shape], self._match.added]),
        )
        return _both(Rows.geometry, (self._rows[0], places[0]), (self._rows[1], places[1]))

    def _families(
        self, other_shape: Indices, shapes: tuple[Geometries, Geometries], reshaped: NDArray[np.bool_]
    ) -> list[Family]:
        """Look for splits and mergers among fields that only one snapshot has, and those that were reshaped.

        shapes: what `_shapes` read
        """
        match = self._match
        places = (
            np.concatenate([match.before[other_shape][reshaped], match.removed]),
            np.concatenate([match.now[other_shape][reshaped], match.added]),
        )
        # Every family has a piece whose id is new or gone.
        if not len(match.added) + len(match.removed):
            return []
        sides = []
        for known, side, chosen in zip(self._known, shapes, places, strict=True):
            candidates = np.concatenate([side[: len(other_shape)][reshaped], side[len(other_shape) :]])
            ids = known.table["id"].take(places_of(chosen)).to_pylist()
            sides.append(Candidates(ids, on_equal_area_plane(candidates)))
        return find_families(*sides)

    def _attribute_changes(self) -> Iterator[tuple[int, AttributeChange]]:
        """Give places in the match with a column that differs there."""
        before, now = self._rows
        columns = _attributes_of_both(before, now)
        suspects = np.flatnonzero(_attributes_differ(before, now, self._match))
        if not len(suspects):
            return
        places = self._match.before[suspects], self._match.now[suspects]
        tables = _both(_in_order, (before, columns, places[0]), (now, columns, places[1]))
        for name in columns:
            one, other = (table[name] for table in tables)
            differing = np.flatnonzero(_differ(one, other))
            chosen = places_of(differing)
            for index, old, new in zip(
                differing.tolist(), one.take(chosen).to_pylist(), other.take(chosen).to_pylist(), strict=True
            ):
                yield int(suspects[index]), AttributeChange(name, _plain(old), _plain(new))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read of all fields of a snapshot."""

    table: pa.Table
    hectares: NDArray[np.float64]


class _Draft:
    """What is known so far of a field that differs."""

    def __init__(self, before: int | None, now: int | None) -> None:
        self.before, self.now = before, now
        self.kinds: set[Kind] = set()
        self.differing_ha: float | None = None
        self.shift_m: float | None = None
        self.attributes: list[AttributeChange] = []
        self.relatives: tuple[str, ...] = ()


class _Drafts:
    """The fields that differ, while it comes out how."""

    def __init__(self, known: tuple[_Known, _Known]) -> None:
        self._known = known
        self._by_place: dict[tuple[int | None, int | None], _Draft] = {}

    def of(self, before: int | None, now: int | None) -> _Draft:
        """Give the draft of a field by its places in the two snapshots."""
        return self._by_place.setdefault((before, now), _Draft(before, now))

    def take(self, families: Sequence[Family]) -> None:
        """Say of the members of families what they are: neither new nor gone nor just drawn otherwise."""
        if not families:
            return
        members: dict[str, tuple[Kind, tuple[str, ...]]] = {}
        for family in families:
            members |= dict.fromkeys(family.several, (family.kind, (family.one,)))
            others = tuple(each for each in family.several if each != family.one)
            members[family.one] = family.kind, others
        for draft, id_ in zip(self._by_place.values(), self._ids(), strict=True):
            if id_ in members:
                kind, draft.relatives = members[id_]
                draft.kinds = {kind} | draft.kinds - {Kind.ADDED, Kind.REMOVED, Kind.RESHAPED}

    def _ids(self) -> list[str]:
        """Give the ids of all, in their order."""
        before, now = (known.table["id"] for known in self._known)
        lives = [draft.now for draft in self._by_place.values() if draft.now is not None]
        gone = [cast("int", draft.before) for draft in self._by_place.values() if draft.now is None]
        found = iter(now.take(places_of(np.array(lives, dtype=np.int64))).to_pylist())
        lost = iter(before.take(places_of(np.array(gone, dtype=np.int64))).to_pylist())
        return [next(lost if draft.now is None else found) for draft in self._by_place.values()]

    def finished(self) -> list[FieldChange]:
        """Give all, sorted by id."""
        drafts = list(self._by_place.values())
        sides = [
            _field_facts(known, [place for place in places if place is not None])
            for known, places in zip(
                self._known, ([each.before for each in drafts], [each.now for each in drafts]), strict=True
            )
        ]
        order = {kind: index for index, kind in enumerate(Kind)}
        changes = []
        for draft in drafts:
            id_before, before = (None, None) if draft.before is None else next(sides[0])
            id_now, now = (None, None) if draft.now is None else next(sides[1])
            changes.append(
                FieldChange(
                    id=cast("str", id_now or id_before),
                    kinds=tuple(sorted(draft.kinds, key=order.__getitem__)),
                    before=before,
                    now=now,
                    differing_ha=draft.differing_ha,
                    shift_m=draft.shift_m,
                    attributes=tuple(draft.attributes),
                    relatives=draft.relatives,
                )
            )
        return sorted(changes, key=lambda change: change.id)


def _held(rows: Rows, hashed: bool) -> Rows:
    """Read in one go all but the outlines, which are most of a file; those too where their values are compared."""
    left = {BBOX, GEOMETRY} if hashed else {BBOX}
    return rows.holding(rows.read([name for name in rows.names if name not in left], None))


def _facts(rows: Rows) -> _Known:
    names = [name for name in (*_FACTS, HECTARES) if rows.has(name)]
    table = rows.read(names, None)
    return _Known(table, rows.hectares(table))


def _field_facts(known: _Known, places: Sequence[int]) -> Iterator[tuple[str, FieldFacts]]:
    """Give id and facts of the fields at these places."""
    chosen = known.table.take(places_of(np.array(places, dtype=np.int64)))
    columns = [chosen[name].to_pylist() for name in ("id", _NAME, "campo", "cultivo", "campo_id")]
    hectares = known.hectares[np.array(places, dtype=np.int64)].tolist()
    for id_, name, farm, crop, farm_id, area in zip(*columns, hectares, strict=True):
        yield id_, FieldFacts(name or "", farm or "", crop, area, farm_id)


def _geometry_differs(before: Rows, now: Rows, match: _Match) -> NDArray[np.bool_]:
    return _fingerprints_differ(before, now, match, GEOMETRY_FINGERPRINT, [GEOMETRY])


def _attributes_differ(before: Rows, now: Rows, match: _Match) -> NDArray[np.bool_]:
    return _fingerprints_differ(before, now, match, ATTRIBUTES_FINGERPRINT, _attributes_of_both(before, now))


def _attributes_of_both(before: Rows, now: Rows) -> list[str]:
    return [name for name in now.names if name in before.names and name not in _NO_ATTRIBUTES]


def _fingerprints_differ(
    before: Rows, now: Rows, match: _Match, fingerprint: str, columns: Sequence[str]
) -> NDArray[np.bool_]:
    """Tell which of the matched rows differ: by a fingerprint where both have it, else by the columns it is made of."""
    if before.has(fingerprint) and now.has(fingerprint):
        columns = [fingerprint]
    differs = np.zeros(len(match.now), dtype=bool)
    if not columns:
        return differs
    tables = _both(_values, (before, columns, match.before), (now, columns, match.now))
    for name in columns:
        differs |= _differ(*(table[name] for table in tables))
    return differs


def _differ(one: pa.ChunkedArray, other: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Tell which values differ; none is equal to none, and what is no number to what is no number."""
    if one.type != other.type:
        one, other = one.cast(pa.string()), other.cast(pa.string())
    unequal = pc.not_equal(one, other)
    if pa.types.is_floating(one.type):
        unequal = pc.and_not(unequal, pc.and_(pc.is_nan(one), pc.is_nan(other)))
    either_null = pc.xor(pc.is_null(one), pc.is_null(other))
    return truths_in(pc.coalesce(unequal, either_null))


def _ids(rows: Rows) -> pa.ChunkedArray:
    return rows.read(["id"], None)["id"]


def _values(rows: Rows, columns: Sequence[str], places: Indices) -> pa.Table:
    """Read columns of nearly all rows, in the order of `places`."""
    table = rows.read(columns, None)
    return table if np.array_equal(places, np.arange(rows.count)) else table.take(places_of(places))


def _in_order(rows: Rows, columns: Sequence[str], places: Indices) -> pa.Table:
    """Read columns of few rows, in the order of `places`."""
    ascending, back = np.unique(places, return_inverse=True)
    return rows.read(columns, ascending).take(places_of(back))


def _plain(value: object) -> Value:
    return value if isinstance(value, str | float) or value is None else str(value)


def _balances(before: _Known, now: _Known, ids: str, names: str) -> list[Balance]:
    """Add up the fields of each farm or crop, sorted by name; a farm is called as it is called now."""
    earlier, later = _sums(before, ids, names), _sums(now, ids, names)
    nothing = ("", 0, 0.0)
    found = []
    for key in earlier.keys() | later.keys():
        old_name, old_count, old_area = earlier.get(key, nothing)
        name, count, area = later.get(key, nothing)
        found.append(Balance(key, name or old_name, old_count, count, old_area, area))
    return sorted(found, key=lambda balance: (balance.name, balance.id))


def _sums(known: _Known, ids: str, names: str) -> dict[str, tuple[str, int, float]]:
    """Give name, number and hectares of each group by its id."""
    # Not `group_by`: its module brings pandas along.
    groups = known.table[ids].combine_chunks().dictionary_encode(null_encoding="encode")
    of_row = integers_in(pa.chunked_array([groups.indices]))
    if not len(of_row):
        return {}
    count, area = np.bincount(of_row), np.bincount(of_row, known.hectares)
    # A group is numbered when it is first met.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(of_row), prepend=-1))
    named = known.table[names].take(places_of(first)).to_pylist()
    sums: dict[str, tuple[str, int, float]] = {}
    for id_, name, rows, hectares in zip(
        groups.dictionary.to_pylist(), named, count.tolist(), area.tolist(), strict=True
    ):
        _, more, more_hectares = sums.get(id_ or "", ("", 0, 0.0))  # none and an empty text are the same to people
        sums[id_ or ""] = name or "", rows + more, hectares + more_hectares
    return sums


def _both(function: Callable[..., T], before: Sequence[object], now: Sequence[object]) -> tuple[T, T]:
    """Apply `function` to both sides' arguments, side by side: what reads lets go of the interpreter."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="changes") as beside:
        other = beside.submit(function, *now)
        return function(*before), other.result()
