"""A grid whose parts are made elsewhere is the same grid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from modules.errors import GeometryError
from modules.h3_grid.grid import Grid, build_grid
from modules.h3_grid.rows import FieldsPart, rows_of_part
from modules.snapshots.layers import CheckedLayer
from tests.unit.h3.grids import fields_of, markers_of, zones_of
from tests.unit.snapshots.invented import outline
from tests.unit.spreads import Elsewhere

COUNT = 23


def layers() -> tuple[CheckedLayer, CheckedLayer, CheckedLayer]:
    """Fields of all sizes, one smaller than a cell and one too thin to be cut, most with zones and samples."""
    shapes = [outline(number) for number in range(COUNT - 2)]
    west, south = shapes[3].bounds[:2]
    shapes += [shapely.box(west + 1, south, west + 1.0001, south + 0.0001)]
    shapes += [shapely.box(west + 1.2, south, west + 1.2 + 1e-9, south + 1e-9)]
    halves = [shapely.intersection(each, shapely.box(-180, -90, each.centroid.x, 90)) for each in shapes[:15]]
    others = [shapely.difference(each, half) for each, half in zip(shapes, halves, strict=False)]
    zones = zones_of([*others, *halves], [*range(15), *range(15)])
    # Every other marker names no field, and lies in one.
    owners = [number if number % 2 else None for number in range(len(shapes))]
    return fields_of(shapes), zones, markers_of([each.representative_point() for each in shapes], owners)


def assert_same(grid: Grid, other: Grid) -> None:
    assert grid.cells.equals(other.cells)
    assert grid.zones.equals(other.zones)
    assert (grid.largest_error, grid.points_outside) == (other.largest_error, other.points_outside)


@pytest.mark.parametrize("parts", [2, 5, 100])
@pytest.mark.parametrize("resolution", [8, 10])
def test_parts_make_the_same_grid(resolution: int, parts: int) -> None:
    whole = build_grid(*layers(), resolution)
    told: list[tuple[int, int]] = []

    spread = build_grid(
        *layers(), resolution, spread=Elsewhere(parts), on_part=lambda done, total: told.append((done, total))
    )

    assert len(whole.cells) > COUNT
    assert len(whole.zones) > 30
    assert_same(spread, whole)
    assert [done for done, _total in told] == list(range(1, told[-1][1] + 1))
    assert 1 < told[-1][1] <= min(parts, COUNT)


def test_fields_without_zones_and_markers_make_the_same_grid() -> None:
    fields = fields_of([outline(number) for number in range(6)])
    nothing = zones_of([], []), markers_of([], [])

    assert_same(build_grid(fields, *nothing, 9, spread=Elsewhere(3)), build_grid(fields, *nothing, 9))


def test_a_part_carries_its_own_fields_alone() -> None:
    parts: list[FieldsPart] = []

    class Kept(Elsewhere):
        def __call__(self, function, cut, /):  # type: ignore[no-untyped-def]
            parts.extend(cut)
            return super().__call__(function, cut)

    fields, zones, markers = layers()
    build_grid(fields, zones, markers, 9, spread=Kept(4))

    assert sum(len(part.fields) for part in parts) == COUNT
    assert sum(part.fields.nbytes for part in parts) < 1.1 * fields.wkb.nbytes
    assert sum(part.fields.get_total_buffer_size() for part in parts) < 2 * fields.wkb.nbytes
    assert sum(len(part.zones) for part in parts) == 30


def test_a_field_that_does_not_add_up_ends_a_part_with_its_sentence() -> None:
    fields, _zones, _markers = layers()
    part = FieldsPart(
        9, 0, 0, fields.wkb.slice(0, 1), fields.wkb.slice(0, 0), np.array([1.0]), ["La Loma"], np.empty(0, np.int64)
    )

    with pytest.raises(GeometryError, match="La Loma"):
        rows_of_part(part)
