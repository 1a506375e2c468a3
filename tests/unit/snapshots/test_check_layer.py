import numpy as np
import pyarrow as pa
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon

from modules.domain.layers import Layer
from modules.domain.reasons import Reason, reason_words
from modules.errors import GeometryError
from modules.geometry.area import grown
from modules.i18n import use_language
from modules.snapshots.layers import SNAPSHOT_COLUMNS, check_layer
from modules.sources.base import FetchedLayer, Rejected
from tests.unit.snapshots.invented import areas, field_row, fields, layer_of, markers, outline, zones

PAMPAS = (-64.0, -37.0, -58.0, -30.0)
BOW_TIE = Polygon([(-62, -34), (-61.99, -33.99), (-61.99, -34), (-62, -33.99)])


def lot_of(*geometry: object, **more: object) -> FetchedLayer:
    return layer_of(Layer.FIELDS, [field_row(number) for number in range(len(geometry))], geometry, **more)


@pytest.mark.parametrize("fetched", [fields(7), zones(7), markers(7), areas(2)], ids=lambda fetched: fetched.layer)
def test_good_rows_pass_as_they_are(fetched: FetchedLayer):
    checked = check_layer(fetched, PAMPAS)
    assert checked.table.schema.equals(SNAPSHOT_COLUMNS[fetched.layer])
    assert checked.table.select(fetched.attributes.column_names).equals(fetched.attributes)
    assert checked.geometry.tolist() == fetched.geometry.tolist()
    assert checked.rejected == []
    assert checked.repaired_ids == []


def test_an_empty_layer_passes():
    checked = check_layer(fields(0), PAMPAS)
    assert (len(checked.table), checked.hectares, checked.bounds.shape) == (0, 0.0, (0, 4))


def test_f14_a_bow_tie_becomes_its_two_triangles():
    checked = check_layer(lot_of(outline(0), BOW_TIE), None)
    assert checked.repaired_ids == ["L000001"]
    assert isinstance(checked.geometry[1], MultiPolygon)
    assert len(checked.geometry[1].geoms) == 2
    assert shapely.is_valid(checked.geometry).all()
    assert checked.table["superficie_geodesica_ha"][1].as_py() == pytest.approx(51.5, rel=0.01)


def test_f14_only_the_polygons_of_a_repaired_geometry_stay():
    spike = Polygon([(-62, -34), (-61.99, -34), (-61.99, -33.99), (-61.98, -33.99), (-61.99, -33.99), (-62, -33.99)])
    checked = check_layer(lot_of(spike), None)
    assert checked.repaired_ids == ["L000000"]
    assert checked.geometry[0].geom_type == "Polygon"
    assert checked.geometry[0].bounds == (-62, -34, -61.99, -33.99)


def test_f14_an_outline_that_encloses_nothing_is_rejected():
    line = Polygon([(-62, -34), (-61.99, -34), (-62, -34), (-62, -34)])
    checked = check_layer(lot_of(outline(0), line), None)
    assert checked.rejected == [Rejected(Layer.FIELDS, "L000001", "El Ñandú 1", Reason.UNREPAIRABLE.value)]
    assert len(checked.table) == len(checked.geometry) == len(checked.wkb) == len(checked.bounds) == 1


def broken(lon: float, lat: float) -> Polygon:
    with np.errstate(invalid="ignore"):
        return Polygon([(-62, -34), (-61.99, -34), (lon, lat), (-62, -33.99)])


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        pytest.param(broken(float("nan"), -34), Reason.NOT_FINITE, id="f15 NaN"),
        pytest.param(broken(-62, float("inf")), Reason.NOT_FINITE, id="f15 infinity"),
        pytest.param(None, Reason.NULL_GEOMETRY, id="f16 null"),
        pytest.param(Polygon(), Reason.EMPTY_GEOMETRY, id="f16 empty"),
        pytest.param(broken(-62, 91), Reason.OUT_OF_RANGE, id="f17 latitude"),
        pytest.param(broken(181, -34), Reason.OUT_OF_RANGE, id="f17 longitude"),
        pytest.param(Point(-62, -34), Reason.WRONG_TYPE, id="a point among fields"),
    ],
)
def test_impossible_geometry_is_listed_and_the_rest_stays(geometry: object, reason: Reason):
    checked = check_layer(lot_of(outline(0), geometry, outline(2)), PAMPAS)
    assert checked.rejected == [Rejected(Layer.FIELDS, "L000001", "El Ñandú 1", reason.value)]
    assert checked.table["id"].to_pylist() == ["L000000", "L000002"]
    assert checked.rows_in == 3


def test_a_name_that_tells_its_farm_does_not_tell_it_twice():
    rows = [field_row(0) | {"campo": "Del Sur", "lote": name} for name in ("Estancia del Sur 1", "Sur 2")]
    rejected = check_layer(layer_of(Layer.FIELDS, rows, (None, None)), PAMPAS).rejected
    assert [each.name for each in rejected] == ["Estancia del Sur 1", "Del Sur Sur 2"]


def test_a_polygon_among_markers_is_rejected():
    fetched = markers(2)
    fetched.geometry[1] = outline(1)
    assert [each.reason for each in check_layer(fetched, None).rejected] == [Reason.WRONG_TYPE]


def test_what_the_source_rejected_counts_as_delivered():
    gone = Rejected(Layer.FIELDS, "L9", "La Escondida 9", Reason.UNREADABLE_GEOMETRY.value)
    checked = check_layer(lot_of(outline(0), rejected=[gone]), None)
    assert checked.rows_in == len(checked.table) + len(checked.rejected) == 2


def test_f18_swapped_axes_are_refused_with_the_name_of_the_first():
    swapped = shapely.transform(np.array([outline(0), outline(1)]), lambda xy: xy[:, ::-1])
    with pytest.raises(GeometryError, match="La Escondida 0"):
        check_layer(lot_of(*swapped), PAMPAS)


def test_f18_the_expected_area_is_the_last_box_and_200_km_around():
    area = grown((-62.0, -35.0, -61.0, -34.0))
    assert area[:2] == pytest.approx((-62 - 1.8 / np.cos(np.radians(36.8)), -35 - 1.8), abs=0.01)
    check_layer(lot_of(shapely.transform(outline(0), lambda xy: xy + np.array([0, 1.5]))), area)
    with pytest.raises(GeometryError):
        check_layer(lot_of(shapely.transform(outline(0), lambda xy: xy + np.array([0, 3.0]))), area)


def test_heights_are_dropped():
    checked = check_layer(lot_of(shapely.force_3d(outline(0), 99.0)), None)
    assert not shapely.has_z(checked.geometry).any()


def test_fingerprints_tell_what_changed():
    def prints(**changes: object) -> tuple[int, int]:
        row, shape = field_row(0), changes.pop("shape", outline(0))
        (found,) = check_layer(layer_of(Layer.FIELDS, [row | changes], [shape]), None).table.to_pylist()
        return found["huella_geometria"], found["huella_atributos"]

    shape, attributes = prints()
    assert prints() == (shape, attributes)
    assert prints(actualizado=None) == (shape, attributes)
    assert prints(lote="otro")[0] == shape
    assert prints(lote="otro")[1] != attributes
    assert prints(cultivo=None)[1] != prints(cultivo="")[1]
    assert prints(shape=outline(1))[0] != shape
    assert prints(shape=outline(1))[1] == attributes


def test_every_reason_has_words():
    for reason in Reason:
        with use_language("es"):
            spanish = reason_words(reason.value)
        with use_language("en"):
            assert reason_words(reason.value) != spanish
    assert reason_words("of_a_newer_version") == "of_a_newer_version"


def test_the_types_of_columns_are_those_promised():
    schema = check_layer(fields(1), None).table.schema
    assert schema.field("superficie_geodesica_ha").type == pa.float64()
    assert not schema.field("reparado").nullable
