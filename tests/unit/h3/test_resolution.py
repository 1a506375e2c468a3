import numpy as np
import pytest
import shapely

from modules.errors import RequestError
from modules.geometry.measures import PolygonMeasures, measure_polygons
from modules.h3_grid.resolution import (
    CELLS_OF_MEDIAN_FIELD,
    Place,
    cell_hectares,
    expected_rows,
    middle_of,
    propose_resolution,
    require_resolution,
)
from tests.faults.backups import assert_sentence
from tests.unit.h3.grids import plain_grid
from tests.unit.snapshots.invented import outline

PERGAMINO = Place(-60.6, -33.9)


def measures(hectares: float, count: int = 1) -> PolygonMeasures:
    side_m = 100 * hectares**0.5
    return PolygonMeasures(np.full(count, hectares), np.full(count, 4 * side_m))


@pytest.mark.parametrize(
    ("hectares", "resolution"), [(0, 12), (0.01, 12), (2, 12), (10, 11), (70, 10), (500, 9), (4_000, 8), (10**8, 5)]
)
def test_the_median_field_gets_about_fifty_cells(hectares: float, resolution: int):
    assert propose_resolution(measures(hectares), PERGAMINO) == resolution


def test_few_large_fields_do_not_change_the_resolution():
    many = PolygonMeasures(np.array([70.0] * 3 + [50_000.0] * 2), np.full(5, 4_000.0))
    assert propose_resolution(many, PERGAMINO) == 10


def test_a_grid_too_large_for_the_machine_is_proposed_coarser():
    assert propose_resolution(measures(70, count=150_000), PERGAMINO) == 9


def test_the_number_of_rows_is_foreseen():
    shapes = np.array([outline(number) for number in range(12)], dtype=object)
    fields, place = measure_polygons(shapes), middle_of(shapes)
    for resolution in (10, 11, 12):
        assert expected_rows(fields, resolution, place) == pytest.approx(
            len(plain_grid(12, resolution).cells), rel=0.05
        )


@pytest.mark.parametrize(("resolution", "count"), [(4, 1), (13, 1), (-1, 1), (12, 100_000)])
def test_a_resolution_that_does_not_fit_is_refused(resolution: int, count: int):
    with pytest.raises(RequestError) as caught:
        require_resolution(measures(70, count), resolution, PERGAMINO)
    assert_sentence(caught.value)
    require_resolution(measures(70, count), 9, PERGAMINO)


@pytest.mark.parametrize("place", [PERGAMINO, Place(-59.1, -37.3), Place(-63.5, -25.0), Place(10.0, 0.0)])
def test_the_median_field_gets_as_many_cells_as_a_step_of_seven_allows(place: Place):
    for hectares in np.geomspace(5, 50_000, 60):
        cells = hectares / cell_hectares(propose_resolution(measures(hectares), place), place)
        assert CELLS_OF_MEDIAN_FIELD / 7**0.5 * 0.95 < cells < CELLS_OF_MEDIAN_FIELD * 7**0.5 * 1.05


def test_the_size_of_a_cell_is_that_of_the_cells_of_the_grid_there():
    place = middle_of(np.array([outline(number) for number in range(12)], dtype=object))
    mean_ha = plain_grid(12, 10).cells["celda_ha"].to_numpy().mean()
    assert cell_hectares(10, place) == pytest.approx(mean_ha, rel=0.01)


def test_a_field_that_cannot_be_does_not_move_the_place():
    shapes = [*(outline(number) for number in range(4)), shapely.Polygon(), None]
    assert middle_of(np.array(shapes, dtype=object)) == middle_of(np.array(shapes[:4], dtype=object))
    assert middle_of(np.array([None], dtype=object)) == (0, 0)
    assert -90 <= middle_of(np.array([shapely.box(0, 95, 1, 96)], dtype=object)).lat <= 90
