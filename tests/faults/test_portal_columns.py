"""Case 10: columns that are missing, of another type, or new. Case 19: a declared coordinate system."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from modules.domain.layers import Layer
from modules.errors import PortalAnswerInvalid
from modules.sources.databaler.contract import property_names
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from tests.portal_server import collection, fetch, http, lote, portal_server


@pytest.fixture(scope="module")
def simulator():
    with running_portal(fields=20) as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(simulator: RunningPortal):
    yield
    simulator.faults.clear()


COLUMNS = [(layer, theirs) for layer in Layer for theirs in property_names(layer).values()]


@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_f10_a_missing_column_is_named_with_its_layer_and_feature(simulator: RunningPortal, layer: Layer, column: str):
    simulator.faults.set("missing-column", f"{layer}.{column}")
    with pytest.raises(PortalAnswerInvalid) as raised:
        fetch(simulator, layer)
    first = re.search(r"el primero, ([\w-]+)\)", str(raised.value))
    assert f"“{layer}” sin “{column}”" in str(raised.value)
    assert first
    assert first[1] in {"lote-000001", "ambiente-000001-1", "marcador-000001", "zona-00001"}


@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_f10_a_mistyped_column_is_named_with_its_layer_and_feature(simulator: RunningPortal, layer: Layer, column: str):
    simulator.faults.set("wrong-type", f"{layer}.{column}")
    with pytest.raises(PortalAnswerInvalid) as raised:
        fetch(simulator, layer)
    assert f"“{layer}” un valor de otro tipo que el acordado en “{column}”" in str(raised.value)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("nombre", None),
        ("nombre", 7),
        ("superficie_ha", "12,5"),
        ("superficie_ha", True),
        ("superficie_ha", float("nan")),
        ("superficie_ha", float("inf")),
        ("updated_at", "ayer"),
        ("updated_at", "2025-10-01T12:00:00"),
        ("cultivo", ["soja"]),
    ],
)
def test_f10_values_of_another_type_are_never_coerced(column: str, value: object):
    page = http(collection([lote(1), lote(2, **{column: value})], 2))
    with (
        portal_server(page) as server,
        pytest.raises(PortalAnswerInvalid, match=rf"“{column}” \(el primero, lote-002\)"),
    ):
        fetch(server)


@pytest.mark.parametrize(
    "feature", [{"id": 7}, {"id": None}, {"id": ""}, {"properties": None}, {"geometry": "POINT (1 1)"}]
)
def test_f10_a_feature_of_another_form_is_an_error(feature: dict[str, Any]):
    page = http(collection([lote(1) | feature], 1))
    with portal_server(page) as server, pytest.raises(PortalAnswerInvalid, match="No se guardó nada"):
        fetch(server)


def test_f10_an_extra_column_is_told_and_does_no_harm(simulator: RunningPortal):
    plain = fetch(simulator)
    simulator.faults.set("extra-column", "riego")
    fetched = fetch(simulator, page_size=7)
    assert plain.extra_columns == []
    assert fetched.extra_columns == ["riego"]
    assert fetched.attributes.equals(plain.attributes)


def test_f10_an_extra_column_hides_no_missing_one(simulator: RunningPortal):
    simulator.faults.set("extra-column", "riego")
    simulator.faults.set("missing-column", "cultivo")
    with pytest.raises(PortalAnswerInvalid, match="sin “cultivo”"):
        fetch(simulator)


def test_f10_rows_of_another_season_or_farm_are_an_error():
    page = http(collection([lote(1, campania="24/25")], 1))
    with portal_server(page) as server, pytest.raises(PortalAnswerInvalid, match="campania 24/25"):
        fetch(server)
    page = http(collection([lote(1)], 1))
    with portal_server(page) as server, pytest.raises(PortalAnswerInvalid, match="campo_id campo-1"):
        fetch(server, farms=["campo-2"])


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:5346",
        "urn:ogc:def:crs:EPSG::3857",
        "EPSG:43260",
        "urn:ogc:def:crs:OGC:1.3:CRS27",
        "WGS84-ish",
        None,
    ],
)
def test_f19_another_declared_crs_is_an_error(crs: str | None):
    page = http(collection([lote(1)], 1, crs={"type": "name", "properties": {"name": crs}}))
    with portal_server(page) as server, pytest.raises(PortalAnswerInvalid, match="WGS84"):
        fetch(server)


@pytest.mark.parametrize("crs", [None, "EPSG:4326", {"type": "link", "properties": {"href": "x"}}])
def test_f19_a_crs_that_says_nothing_is_an_error(crs: object):
    page = http(collection([lote(1)], 1, crs=crs))
    with portal_server(page) as server, pytest.raises(PortalAnswerInvalid, match="WGS84"):
        fetch(server)


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4326",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
    ],
)
def test_f19_wgs84_by_any_of_its_names_is_accepted(name: str):
    page = http(collection([lote(1)], 1, crs={"type": "name", "properties": {"name": name}}))
    with portal_server(page) as server:
        assert len(fetch(server).attributes) == 1


def test_f15_nan_in_a_coordinate_reaches_the_check_with_its_id():
    spoiled = lote(2)
    spoiled["geometry"]["coordinates"][0][0][0] = spoiled["geometry"]["coordinates"][0][4][0] = float("nan")
    infinite = lote(3)
    infinite["geometry"]["coordinates"][0][1][1] = float("-inf")
    text = json.dumps({"features": [lote(1), spoiled, infinite], "total": 3})
    with portal_server(http(text.encode())) as server:
        fetched = fetch(server)
    finite = [bool(abs(shape.bounds[2]) < 180 and abs(shape.bounds[3]) < 90) for shape in fetched.geometry]
    assert fetched.attributes["id"].to_pylist() == ["lote-001", "lote-002", "lote-003"]
    assert finite == [True, False, False]
