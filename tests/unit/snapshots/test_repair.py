from __future__ import annotations

import numpy as np
import pytest
import shapely

from modules.geometry.repair import repair_polygons

BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SOUND = shapely.box(2, 2, 3, 3)


def degenerate() -> shapely.MultiPolygon:
    """A multipolygon that GEOS' usual way of making valid refuses with an error."""
    needle = [(0, 0), (0, 0), (0, -4.080648444182335e-274), (2, 1), (0, 0)]
    knot = [(0, 0), (1, 2), (-1, 0), (1, 1), (0, 0), (0, 1), (1, -2.113228460698987e-20), (-2, 0), (0, 0)]
    return shapely.MultiPolygon([shapely.Polygon(needle), shapely.Polygon(knot)])


def test_only_what_is_invalid_is_repaired():
    repaired, which = repair_polygons(np.array([SOUND, BOW_TIE], dtype=object))

    assert which.tolist() == [False, True]
    assert repaired[0] is SOUND
    assert repaired[1].is_valid
    assert repaired[1].area == pytest.approx(0.5)


def test_one_that_defeats_geos_does_not_spoil_the_others():
    with pytest.raises(shapely.GEOSException):
        shapely.make_valid(degenerate())

    repaired, which = repair_polygons(np.array([degenerate(), BOW_TIE, SOUND], dtype=object))

    assert which.tolist() == [True, True, False]
    assert shapely.is_valid(repaired).all()
    assert repaired[1].area == pytest.approx(0.5)


@pytest.mark.parametrize(
    "ring",
    [
        [(1, -1), (-1, 3.185870644243226e-108), (0, 0), (0, 1), (-1.1113064455412012e-105, 0), (1, -2)],
        [(1, -1), (1, 0.5), (1, 0), (0, 1), (-1.1113064455412012e-105, 0), (1, 1)],
    ],
    ids=["divided by zero", "left invalid"],
)
def test_one_that_geos_leaves_invalid_is_repaired_otherwise(ring):
    repaired, which = repair_polygons(np.array([shapely.Polygon(ring), SOUND], dtype=object))

    assert which.tolist() == [True, False]
    assert shapely.is_valid(repaired).all()
