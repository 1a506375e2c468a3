import numpy as np
import pyproj
import pytest
import shapely
from shapely import Polygon

from modules.geometry.measures import measure_polygons
from tests.unit.snapshots.invented import outline

GEOD = pyproj.Geod(ellps="WGS84")


def geodesic(polygon: object) -> tuple[float, float]:
    """Hectares and metres by pyproj, which wants outlines counterclockwise and leaves holes out of a perimeter."""
    area, _ = GEOD.geometry_area_perimeter(shapely.orient_polygons(polygon))
    return area / 10_000, GEOD.geometry_length(shapely.boundary(polygon))


def at(polygon: Polygon, lat: float) -> Polygon:
    return shapely.transform(polygon, lambda xy: xy + np.array([0, lat + 34.0]))


HOLED = Polygon(
    [(-62, -34), (-61.98, -34), (-61.98, -33.98), (-62, -33.98)],
    [[(-61.995, -33.995), (-61.99, -33.995), (-61.99, -33.99)]],
)
CLOCKWISE = Polygon([(-62, -34), (-62, -33.98), (-61.98, -33.98), (-61.98, -34)])


@pytest.mark.parametrize(
    "polygon",
    [outline(3), at(outline(3), -54.0), at(outline(3), 0.0), at(outline(3), 65.0), HOLED, CLOCKWISE,
     shapely.MultiPolygon([outline(1), HOLED]), shapely.box(-62, -35, -61, -34)],
    ids=["field", "Tierra del Fuego", "equator", "north", "hole", "clockwise", "two parts", "a whole degree"],
)  # fmt: skip
def test_measures_are_geodesic(polygon: object):
    measures = measure_polygons(np.array([polygon], dtype=object))
    hectares, metres = geodesic(polygon)
    assert measures.hectares[0] == pytest.approx(hectares, rel=1e-3)
    assert measures.perimeter_m[0] == pytest.approx(metres, rel=1e-3)


def test_fields_are_measured_to_the_fifth_digit():
    polygons = np.array([outline(number, vertices=40) for number in range(2500)], dtype=object)
    measures = measure_polygons(polygons)
    expected = np.array([geodesic(polygon) for polygon in polygons])
    np.testing.assert_allclose(measures.hectares, expected[:, 0], rtol=2e-5)
    np.testing.assert_allclose(measures.perimeter_m, expected[:, 1], rtol=1e-6)
