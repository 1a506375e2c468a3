"""What counts as a move, as another outline, and as no change; and rows read from a file in groups."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import shapely.affinity
from pyproj import Geod

from modules.changes.comparing import compare_fields
from modules.changes.families import Candidates, find_families
from modules.changes.kinds import Kind
from modules.changes.rows import rows_of_file, rows_of_table
from modules.changes.shapes import compare_shapes
from modules.changes.words import detail
from modules.domain.layers import Layer
from modules.i18n import use_language
from modules.snapshots.layers import check_layer
from tests.unit.snapshots.invented import fields, outline

SQUARE = shapely.box(-62.0, -34.0, -61.99, -33.992)


def compared(before, now):
    return compare_shapes(np.array([before], dtype=object), np.array([now], dtype=object))


def test_hectares_of_the_difference_are_geodesic():
    grown = shapely.box(-62.0, -34.0, -61.99, -33.990)
    strip = shapely.box(-62.0, -33.992, -61.99, -33.990)
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(strip)
    assert compared(SQUARE, grown).hectares[0] == pytest.approx(abs(area) / 1e4, rel=1e-4)


@pytest.mark.parametrize(("east", "north"), [(0.0001, 0), (0, -0.0002), (0.02, 0.02), (0, 1.0)])
def test_a_shift_is_a_move_and_its_metres_are_right(east, north):
    moved = compared(SQUARE, shapely.affinity.translate(SQUARE, east, north))
    assert moved.moved[0]
    centre = SQUARE.centroid
    metres = Geod(ellps="WGS84").inv(centre.x, centre.y, centre.x + east, centre.y + north)[2]
    assert moved.shift_m[0] == pytest.approx(metres, rel=0.006)


def test_a_shift_is_a_move_also_when_the_ring_begins_elsewhere_or_has_more_points():
    there = shapely.affinity.translate(SQUARE, 0.0007, 0.0003)
    for written in (shapely.reverse(there), shapely.segmentize(there, 0.001), shapely.MultiPolygon([there])):
        assert compared(SQUARE, written).moved[0]


def test_a_small_correction_of_a_border_is_no_move():
    ring = shapely.get_coordinates(outline(1))
    ring[3] += 0.00005
    corrected = compared(outline(1), shapely.Polygon(ring))
    assert corrected.differs[0]
    assert not corrected.moved[0]


def test_another_way_of_writing_an_outline_is_no_change():
    nudged = shapely.transform(SQUARE, lambda xy: xy + 1e-10)
    for same in (shapely.reverse(SQUARE), shapely.segmentize(SQUARE, 0.001), shapely.MultiPolygon([SQUARE]), nudged):
        assert not compared(SQUARE, same).differs[0]


def test_no_pairs_are_no_differences():
    none = np.empty(0, dtype=object)
    assert len(compare_shapes(none, none).hectares) == 0


def box(west, south, east, north):
    return shapely.box(west * 100, south * 100, east * 100, north * 100)


def candidates(**shapes):
    return Candidates(list(shapes), np.array(list(shapes.values()), dtype=object))


def test_a_split_is_told_by_what_lies_inside_and_covers():
    whole = candidates(a=box(0, 0, 10, 10))
    assert find_families(whole, candidates(b=box(0, 0, 5, 10), c=box(5, 0, 10, 10)))[0].several == ("b", "c")
    assert find_families(whole, candidates(b=box(0, 0, 4, 10), c=box(6, 0, 10, 10)))[0].kind is Kind.SPLIT
    # A fifth of it is not covered; a piece lies half outside; there is one piece; they are neighbours.
    assert not find_families(whole, candidates(b=box(0, 0, 4, 9), c=box(6, 0, 10, 9)))
    assert not find_families(whole, candidates(b=box(0, 0, 5, 10), c=box(5, 0, 15, 10)))
    assert not find_families(whole, candidates(b=box(0, 0, 10, 10)))
    assert not find_families(whole, candidates(b=box(10, 0, 20, 10), c=box(0, 10, 10, 20)))


def test_what_would_be_split_and_merged_at_once_is_neither():
    twice = {"a": box(0, 0, 10, 10), "b": box(0, 0, 5, 10), "c": box(5, 0, 10, 10)}
    there = {"d": box(0, 0, 10, 10), "e": box(0, 0, 5, 10), "f": box(5, 0, 10, 10)}
    assert find_families(candidates(**twice), candidates(**there)) == []


def test_a_field_that_moved_away_from_under_its_new_pieces_is_no_piece_of_itself():
    # `a` lives on elsewhere; b and c lie where it was.
    before = candidates(a=box(0, 0, 10, 10))
    now = candidates(a=box(50, 0, 58, 10), b=box(0, 0, 5, 10), c=box(5, 0, 10, 10))
    assert find_families(before, now) == []


def table_of(layer):
    checked = check_layer(layer, None)
    return checked.table.append_column("geometry", pa.chunked_array([checked.wkb]))


def test_a_file_in_row_groups_is_read_as_the_table_it_holds(tmp_path):
    before, now = table_of(fields(50)), table_of(fields(53, superficie_ha=41.0))
    for name, table in (("before", before), ("now", now)):
        pq.write_table(table, tmp_path / name, row_group_size=7)
    files = [rows_of_file(tmp_path / name) for name in ("before", "now")]
    changes = compare_fields(*files)
    assert changes == compare_fields(rows_of_table(before), rows_of_table(now))
    assert changes.count(Kind.ATTRIBUTES) == 50
    places = np.array([20, 3, 20, 49])
    assert files[0].wkb(places).to_pylist() == before["geometry"].take(pa.array(places)).to_pylist()
    assert files[0].wkb(np.array([], dtype=np.int64)).to_pylist() == []


def test_a_table_without_hectares_is_measured():
    bare = [table_of(fields(count)).drop_columns(["superficie_geodesica_ha", "perimetro_m"]) for count in (5, 6)]
    assert compare_fields(*map(rows_of_table, bare)) == compare_fields(
        *(rows_of_table(table_of(fields(count))) for count in (5, 6))
    )


def test_a_field_that_went_to_another_farm_is_told_by_the_farms_name():
    changes = compare_fields(
        rows_of_table(table_of(fields(3))), rows_of_table(table_of(fields(3, campo_id="C9", campo="La Paz")))
    )
    with use_language("es"):
        said = [detail(change, changes) for change in changes.fields]
    assert said == [f"campo: {farm} → La Paz" for farm in ("La Escondida", "El Ñandú", "San José")]
    assert [(farm.name, farm.fields_before, farm.fields_now) for farm in changes.farms if farm.id == "C9"] == [
        ("La Paz", 0, 3)
    ]


def test_a_column_that_only_one_table_has_is_no_change():
    before = table_of(fields(5))
    changes = compare_fields(rows_of_table(before.drop_columns(["superficie_ha"])), rows_of_table(before))
    assert changes.fields == []
    assert Layer.FIELDS.value in changes.layers
