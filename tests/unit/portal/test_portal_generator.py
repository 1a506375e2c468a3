from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.geometry.measures import measure_polygons
from modules.sources.databaler.simulator.generator import Pampas
from modules.sources.databaler.simulator.ground import Amounts
from modules.sources.databaler.simulator.names import AWKWARD

NOW = Season(2026)


@pytest.fixture(scope="module")
def pampas() -> Pampas:
    return Pampas(Amounts(fields=600, seed=3), current=NOW)


def features(pampas: Pampas, layer: Layer, season: Season = NOW) -> list[dict[str, Any]]:
    return [json.loads(body) for body in pampas.features(layer, season).bodies]


def shapes(rows: list[dict[str, Any]]) -> np.ndarray:
    built: np.ndarray = shapely.from_geojson([json.dumps(row["geometry"]) for row in rows])
    return built


def test_the_same_seed_makes_the_same_fields_and_another_makes_others(pampas: Pampas):
    again = Pampas(Amounts(fields=600, seed=3), current=NOW)
    other = Pampas(Amounts(fields=600, seed=4), current=NOW)
    for layer in Layer:
        assert again.features(layer, NOW).bodies == pampas.features(layer, NOW).bodies
        assert other.features(layer, NOW).bodies != pampas.features(layer, NOW).bodies


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_any_number_of_fields_is_made(count: int):
    small = Pampas(Amounts(fields=count), current=NOW)
    assert len(features(small, Layer.FIELDS)) == count
    assert 1 <= len(small.farms) <= max(3, count // 10)


def test_amounts_can_be_exact():
    exact = Pampas(Amounts(fields=50, zones=(4, 4), markers=(1, 1)), current=NOW)
    assert len(features(exact, Layer.ZONES)) == 200
    assert len(features(exact, Layer.MARKERS)) == 50


@pytest.mark.parametrize("count", [0, 10_000_000])
def test_impossible_amounts_are_refused(count: int):
    with pytest.raises(RequestError, match="inventa entre 1 y"):
        Pampas(Amounts(fields=count))


def test_fields_are_valid_parcels_of_20_to_180_hectares_in_argentina(pampas: Pampas):
    rows = features(pampas, Layer.FIELDS)
    parcels = shapes(rows)
    assert shapely.is_valid(parcels).all()
    outlines = shapely.get_num_coordinates(shapely.get_exterior_ring(shapely.get_parts(parcels))) - 1
    assert outlines.min() >= 4
    assert outlines.max() <= 60
    kinds = Counter(shape.geom_type for shape in parcels)
    assert kinds["MultiPolygon"] >= 5
    assert sum(len(part.interiors) for part in shapely.get_parts(parcels)) >= 10
    west, south, east, north = shapely.total_bounds(parcels)
    assert -66 < west < east < -58
    assert -39 < south < north < -30
    stated = np.array([row["properties"]["superficie_ha"] for row in rows])
    assert 20 < stated.min() < stated.max() < 180
    assert np.allclose(stated, measure_polygons(parcels).hectares, rtol=1e-3)


def test_fields_keep_off_each_other(pampas: Pampas):
    parcels = shapes(features(pampas, Layer.FIELDS))
    one, other = shapely.STRtree(parcels).query(parcels, predicate="intersects")
    assert (one == other).all()


def test_zones_part_their_field(pampas: Pampas):
    fields = {row["id"]: row for row in features(pampas, Layer.FIELDS)}
    zones: dict[str, list[dict[str, Any]]] = {}
    for row in features(pampas, Layer.ZONES):
        zones.setdefault(row["properties"]["lote_id"], []).append(row)
    assert set(zones) == set(fields)
    assert {len(parts) for parts in zones.values()} == {3, 4, 5, 6}
    for id_, parts in zones.items():
        field, pieces = shapes([fields[id_]])[0], shapes(parts)
        assert shapely.is_valid(pieces).all()
        assert abs(shapely.area(pieces).sum() / field.area - 1) < 5e-5
        assert shapely.symmetric_difference(shapely.union_all(pieces), field).area / field.area < 5e-5


def test_markers_lie_in_their_field(pampas: Pampas):
    fields = {row["id"]: shapes([row])[0] for row in features(pampas, Layer.FIELDS)}
    markers = features(pampas, Layer.MARKERS)
    owners = [fields[row["properties"]["lote_id"]] for row in markers]
    assert shapely.dwithin(np.array(owners), shapes(markers), 1e-6).all()
    assert {row["properties"]["tipo"] for row in markers} == {"muestreo", "marcador"}


def test_areas_belong_to_farms_and_keep_off_the_fields(pampas: Pampas):
    areas = features(pampas, Layer.AREAS)
    assert {row["properties"]["campo_id"] for row in areas} == {farm.id for farm in pampas.farms}
    tree = shapely.STRtree(shapes(features(pampas, Layer.FIELDS)))
    assert tree.query(shapes(areas), predicate="intersects").size == 0


def test_farms_have_distinct_names_and_about_fourteen_fields(pampas: Pampas):
    sizes = Counter(row["properties"]["campo_id"] for row in features(pampas, Layer.FIELDS))
    assert len({farm.nombre for farm in pampas.farms}) == len(pampas.farms) == len(sizes)
    assert 12 < np.mean(list(sizes.values())) < 16


def test_awkward_names_are_among_the_fields(pampas: Pampas):
    names = {row["properties"]["nombre"] for row in features(pampas, Layer.FIELDS)}
    assert set(AWKWARD) <= names
    assert any("ñ" in name.casefold() for name in names - set(AWKWARD))


def test_seasons_go_from_2425_to_the_present_one_and_differ_a_little(pampas: Pampas):
    assert [str(season) for season in pampas.seasons] == ["26/27", "25/26", "24/25"]
    now, before = (
        {row["id"]: row["properties"] for row in features(pampas, Layer.FIELDS, season)}
        for season in pampas.seasons[:2]
    )
    assert 0 < len(set(now) - set(before)) < 0.06 * len(now)
    renamed = [id_ for id_ in before if before[id_]["nombre"] != now[id_]["nombre"]]
    assert 0 < len(renamed) < 0.04 * len(now)
    turned = [id_ for id_ in before if before[id_]["cultivo"] != now[id_]["cultivo"]]
    assert len(turned) > 0.5 * len(before)
    assert {row["campania"] for row in before.values()} == {"25/26"}
    assert pampas.features(Layer.FIELDS, Season(2010)).bodies == []


def test_every_crop_of_the_pampas_is_grown(pampas: Pampas):
    crops = Counter(row["properties"]["cultivo"] for row in features(pampas, Layer.FIELDS))
    assert set(crops) == {
        "soja", "maíz", "trigo", "girasol", "cebada", "maní", "sorgo", "pastura", "barbecho"
    }  # fmt: skip
    assert crops.most_common(1)[0][0] == "soja"
