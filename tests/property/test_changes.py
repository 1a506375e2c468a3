"""Random edits to a random table are found again, exactly, whichever way the tables are compared."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.changes.comparing import compare_fields
from modules.changes.kinds import MIRRORED, Kind
from modules.changes.result import AttributeChange, Changes
from modules.changes.rows import Rows, rows_of_table
from modules.domain.layers import Layer
from modules.snapshots.layers import MACHINE_COLUMNS, check_layer
from tests.unit.snapshots.invented import field_row, layer_of

#: Metres of a degree of latitude; fields lie 2 km apart and are up to 600 m wide, so that none meets another.
DEGREE_M = 111_195.0
APART_DEG = 0.02


@dataclass
class Night:
    """A table before and after a night, and what has to be told of each id: kinds, relatives and columns."""

    before: list[tuple[dict[str, Any], Any]] = field(default_factory=list)
    now: list[tuple[dict[str, Any], Any]] = field(default_factory=list)
    expected: dict[str, tuple[set[Kind], set[str], set[str]]] = field(default_factory=dict)

    def expect(
        self, id_: str, *kinds: Kind, relatives: set[str] = frozenset(), columns: set[str] = frozenset()
    ) -> None:
        known = self.expected.setdefault(id_, (set(), set(), set()))
        for part, more in zip(known, (kinds, relatives, columns), strict=True):
            part.update(more)


@st.composite
def outlines(draw: st.DrawFn, number: int) -> shapely.Polygon:
    """A star-shaped field of 5 to 40 ha with a place of its own, sometimes with a hole."""
    lon, lat = -62.0 + (number % 10) * APART_DEG, -34.0 - (number // 10) * APART_DEG
    reach = draw(st.lists(st.floats(0.0015, 0.003), min_size=4, max_size=12))
    angle = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    ring = np.round(np.c_[lon + np.cos(angle) * reach, lat + np.sin(angle) * reach], 7)
    hole = [[(lon + 2e-4, lat), (lon, lat + 2e-4), (lon - 2e-4, lat)]] if draw(st.booleans()) else []
    return shapely.Polygon(ring, hole)


def strips(shape: shapely.Polygon, count: int, gap: float) -> list[Any]:
    """Cut a field into strips from west to east that leave `gap` of the width between them."""
    west, south, east, north = shape.bounds
    # By thirds and quarters of what is covered, so that no strip is a sliver of a pointed field.
    edges = np.linspace(west, east, 200)
    areas = shapely.area(shapely.intersection(shape, shapely.box(west, south, edges, north)))
    cuts = [west, *(edges[np.searchsorted(areas, shape.area * part / count)] for part in range(1, count)), east]
    half = gap * (east - west) / count / 2
    return [
        shape.intersection(shapely.box(left + half, south - 1, right - half, north + 1))
        for left, right in pairwise(cuts)
    ]


def shifted(shape: Any, east_m: float, north_m: float) -> Any:
    return shapely.transform(shape, lambda xy: np.round(xy + np.array([east_m, north_m]) / DEGREE_M, 7))


metres = st.floats(5, 300) | st.floats(-300, -5)
EDITS = (
    *("none", "written otherwise", "add", "remove", "rename", "shift", "grow", "cut", "crop", "hectares"),
    *("split", "merge", "all"),
)


def apply(night: Night, draw: st.DrawFn, number: int, edit: str) -> None:
    row, shape = field_row(number), draw(outlines(number))
    if edit in ("split", "merge"):
        _divide(night, draw, row, shape, merge=edit == "merge")
        return
    if edit == "add":
        night.expect(row["id"], Kind.ADDED)
    else:
        night.before.append((row, shape))
    if edit == "remove":
        night.expect(row["id"], Kind.REMOVED)
    else:
        other, other_shape = _other_row(night, draw, row, edit), _other_shape(night, draw, row["id"], shape, edit)
        night.now.append((other | {"actualizado": None}, other_shape))  # touched, which is no change


def _other_row(night: Night, draw: st.DrawFn, row: dict[str, Any], edit: str) -> dict[str, Any]:
    other = dict(row)
    if edit in ("rename", "all"):
        other["lote"] = f"{row['lote']} bis"
        night.expect(row["id"], Kind.RENAMED, columns={"lote"})
    if edit in ("crop", "all"):
        other["cultivo"] = None if row["cultivo"] == "soja" else "girasol"
        night.expect(row["id"], Kind.ATTRIBUTES, columns={"cultivo"})
    if edit == "hectares":
        other["superficie_ha"] = draw(st.none() | st.floats(1, 39))
        night.expect(row["id"], Kind.ATTRIBUTES, columns={"superficie_ha"})
    return other


def _other_shape(night: Night, draw: st.DrawFn, id_: str, shape: Any, edit: str) -> Any:
    if edit in ("shift", "all"):
        night.expect(id_, Kind.MOVED)
        return shifted(shape, draw(metres), draw(metres))
    if edit == "grow":
        night.expect(id_, Kind.RESHAPED)
        return shape.buffer(draw(st.floats(5e-5, 5e-4)), join_style="mitre")
    if edit == "cut":
        west, south, east, north = shape.bounds
        night.expect(id_, Kind.RESHAPED)
        return shape.difference(shapely.box(west + draw(st.floats(0.5, 0.9)) * (east - west), south, east, north))
    if edit == "written otherwise":  # the same ring from another point, which is no change
        return shapely.reverse(shapely.normalize(shape))
    return shape


def _divide(night: Night, draw: st.DrawFn, row: dict[str, Any], shape: Any, *, merge: bool) -> None:
    pieces = strips(shape, draw(st.integers(2, 4)), gap=draw(st.sampled_from([0.0, 0.05])))
    lives_on = draw(st.booleans())
    ids = [f"{row['id']}-{index}" for index in range(len(pieces))]
    if lives_on:
        ids[0] = row["id"]
    several = [(row | {"id": id_}, piece) for id_, piece in zip(ids, pieces, strict=True)]
    whole = [(row, shape)]
    night.before += several if merge else whole
    night.now += whole if merge else several
    kind = Kind.MERGED if merge else Kind.SPLIT
    for id_ in ids:
        night.expect(id_, kind, relatives={row["id"]} if id_ != row["id"] else set())
    night.expect(row["id"], kind, relatives=set(ids) - {row["id"]})


@st.composite
def nights(draw: st.DrawFn) -> Night:
    night = Night()
    for number, edit in enumerate(draw(st.lists(st.sampled_from(EDITS), max_size=14))):
        apply(night, draw, number, edit)
    return night


def rows_of(side: list[tuple[dict[str, Any], Any]], *, hashed: bool = True) -> Rows:
    checked = check_layer(layer_of(Layer.FIELDS, [row for row, _ in side], [shape for _, shape in side]), None)
    table = checked.table if hashed else checked.table.drop_columns(list(MACHINE_COLUMNS))
    return rows_of_table(table.append_column("geometry", pa.chunked_array([checked.wkb])))


def told(changes: Changes) -> dict[str, tuple[set[Kind], set[str], set[str]]]:
    return {
        each.id: (set(each.kinds), set(each.relatives), {attribute.column for attribute in each.attributes})
        for each in changes.fields
    }


@given(nights())
@settings(max_examples=30)
def test_exactly_what_was_edited_is_found(night: Night):
    changes = compare_fields(rows_of(night.before), rows_of(night.now))
    assert told(changes) == night.expected
    assert len(changes.fields) == len(night.expected)
    assert {family.one for family in changes.families} == {
        id_ for id_, (kinds, _, _) in night.expected.items() if kinds & {Kind.SPLIT, Kind.MERGED} and "-" not in id_
    }
    plane = sum(shapely.area(shape) for _, shape in night.now) - sum(shapely.area(shape) for _, shape in night.before)
    assert np.isclose(changes.gained_ha, sum(each.gained_ha for each in changes.fields), atol=1e-6)
    assert plane == 0 or abs(changes.gained_ha) < 1 or np.sign(plane) == np.sign(changes.gained_ha)
    assert sum(farm.fields_now for farm in changes.farms) == len(night.now)
    assert np.isclose(sum(crop.gained_ha for crop in changes.crops), changes.gained_ha)


@given(nights())
@settings(max_examples=8)
def test_tables_without_fingerprints_tell_the_same(night: Night):
    hashed = compare_fields(rows_of(night.before), rows_of(night.now))
    assert compare_fields(rows_of(night.before, hashed=False), rows_of(night.now)) == hashed
    assert compare_fields(rows_of(night.before, hashed=False), rows_of(night.now, hashed=False)) == hashed


@given(nights())
@settings(max_examples=8)
def test_a_table_does_not_differ_from_itself(night: Night):
    for hashed in (True, False):
        same = compare_fields(rows_of(night.now, hashed=hashed), rows_of(night.now, hashed=hashed))
        assert same.nothing
        assert not same.fields
        assert same.gained_ha == 0


@given(nights())
@settings(max_examples=8)
def test_the_other_way_round_everything_is_mirrored(night: Night):
    there = compare_fields(rows_of(night.before), rows_of(night.now))
    back = compare_fields(rows_of(night.now), rows_of(night.before))
    assert back.gained_ha == -there.gained_ha
    assert [each.id for each in back.fields] == [each.id for each in there.fields]
    for one, other in zip(there.fields, back.fields, strict=True):
        assert {MIRRORED.get(kind, kind) for kind in one.kinds} == set(other.kinds)
        assert (one.before, one.now, one.relatives) == (other.now, other.before, other.relatives)
        assert one.differing_ha is None or np.isclose(one.differing_ha, other.differing_ha)
        assert one.shift_m is None or np.isclose(one.shift_m, other.shift_m)
        mirrored = [AttributeChange(each.column, each.now, each.before) for each in one.attributes]
        assert mirrored == list(other.attributes)
    assert {(MIRRORED[each.kind], each.one, each.several) for each in there.families} == {
        (each.kind, each.one, each.several) for each in back.families
    }
