import numpy as np
import pytest

from modules.errors import RequestError
from modules.geometry.measures import PolygonMeasures, measure_polygons
from modules.h3_grid.resolution import expected_rows, propose_resolution, require_resolution
from tests.faults.backups import assert_sentence
from tests.unit.h3.grids import plain_grid
from tests.unit.snapshots.invented import outline


def measures(hectares: float, count: int = 1) -> PolygonMeasures:
    side_m = 100 * hectares**0.5
    return PolygonMeasures(np.full(count, hectares), np.full(count, 4 * side_m))


@pytest.mark.parametrize(
    ("hectares", "resolution"), [(0, 12), (0.01, 12), (2, 12), (10, 11), (70, 10), (500, 9), (4_000, 8), (10**8, 5)]
)
def test_the_median_field_gets_about_fifty_cells(hectares: float, resolution: int):
    assert propose_resolution(measures(hectares)) == resolution


def test_few_large_fields_do_not_change_the_resolution():
    many = PolygonMeasures(np.array([70.0] * 3 + [50_000.0] * 2), np.full(5, 4_000.0))
    assert propose_resolution(many) == 10


def test_a_grid_too_large_for_the_machine_is_proposed_coarser():
    assert propose_resolution(measures(70, count=150_000)) == 9


def test_the_number_of_rows_is_foreseen():
    fields = measure_polygons(np.array([outline(number) for number in range(12)], dtype=object))
    for resolution in (10, 11, 12):
        assert expected_rows(fields, resolution) == pytest.approx(len(plain_grid(12, resolution).cells), rel=0.35)


@pytest.mark.parametrize(("resolution", "count"), [(4, 1), (13, 1), (-1, 1), (12, 100_000)])
def test_a_resolution_that_does_not_fit_is_refused(resolution: int, count: int):
    with pytest.raises(RequestError) as caught:
        require_resolution(measures(70, count), resolution)
    assert_sentence(caught.value)
    require_resolution(measures(70, count), 9)
