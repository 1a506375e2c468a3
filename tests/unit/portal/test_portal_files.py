from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.geometry.measures import measure_polygons
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.portal_server import SEASON, fetch

REAL_FILES = ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"]


def rows(*files: Path, **columns: str) -> list[dict[str, Any]]:
    dataset = FileDataset(files, columns, [SEASON])
    return [json.loads(body) for body in dataset.features(Layer.FIELDS, SEASON).bodies]


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    """Two fields and a row without a geometry, in metres, with columns of another language."""
    frame = geopandas.GeoDataFrame(
        {"NAME": ["Uno & dos", "Tres", None], "Crop": ["soja", None, "maíz"], "owner": ["A", "A", "B"], "n": [7, 8, 9]},
        geometry=[shapely.box(0, 0, 1000, 500), shapely.box(2000, 0, 2100, 100), None],
        crs="EPSG:5347",
    )
    frame.geometry = frame.translate(5_500_000, 6_200_000)
    path = tmp_path / "campo norte.gpkg"
    frame.to_file(path)
    return path


def test_columns_are_found_by_their_usual_names_and_made_where_there_are_none(fields: Path):
    first, second, third = (row["properties"] | {"id": row["id"]} for row in rows(fields))
    assert (first["nombre"], first["cultivo"], first["campo"], first["id"]) == (
        "Uno & dos", "soja", "campo norte", "campo norte-0"
    )  # fmt: skip
    assert (second["cultivo"], third["nombre"]) == (None, "campo norte 3")
    assert first["campania"] == str(SEASON)


def test_columns_can_be_told(fields: Path):
    told = rows(fields, lote="crop", campo="owner", id="n", superficie_ha="n")
    assert [row["id"] for row in told] == ["7", "8", "9"]
    assert [row["properties"]["nombre"] for row in told] == ["soja", "campo norte 2", "maíz"]
    assert [row["properties"]["campo_id"] for row in told] == ["A", "A", "B"]
    assert [row["properties"]["superficie_ha"] for row in told] == [7, 8, 9]


def test_an_id_that_is_not_one_for_each_row_is_not_used(fields: Path):
    assert rows(fields, id="owner")[0]["id"] == "campo norte-0"


def test_hectares_are_measured_and_a_missing_geometry_stays_missing(fields: Path):
    served = rows(fields)
    assert served[0]["properties"]["superficie_ha"] == pytest.approx(50, rel=5e-3)
    assert served[2]["geometry"] is None
    assert served[2]["properties"]["superficie_ha"] is None


def test_several_files_are_several_farms_with_ids_apart(fields: Path, tmp_path: Path):
    other = tmp_path / "sur.geojson"
    geopandas.read_file(fields).to_crs(4326).to_file(other)
    dataset = FileDataset([fields, other], {"id": "n"}, [SEASON])
    assert [farm.nombre for farm in dataset.farms] == ["campo norte", "sur"]
    served = [json.loads(body)["id"] for body in dataset.features(Layer.FIELDS, SEASON).bodies]
    assert served == [f"{stem}-{n}" for stem in ("campo norte", "sur") for n in (7, 8, 9)]
    assert dataset.features(Layer.ZONES, SEASON).bodies == []
    assert dataset.features(Layer.FIELDS, Season(2001)).bodies == []


@pytest.mark.parametrize(
    ("columns", "sentence"), [({"lote": "nada"}, "no tiene una columna “nada”"), ({"dueño": "n"}, "“dueño”")]
)
def test_columns_that_are_not_there_are_refused(fields: Path, columns: dict[str, str], sentence: str):
    with pytest.raises(RequestError, match=sentence):
        rows(fields, **columns)


def test_a_file_that_is_no_map_is_refused(tmp_path: Path):
    path = tmp_path / "notas.gpkg"
    path.write_text("hola")
    with pytest.raises(RequestError, match=r"notas\.gpkg no se puede leer"):
        rows(path)


def test_a_table_without_shapes_is_refused(tmp_path: Path):
    path = tmp_path / "lista.csv"
    path.write_text("lote,cultivo\n1,soja\n")
    with pytest.raises(RequestError, match=r"lista\.csv no tiene formas"):
        rows(path)


def test_hectares_that_are_no_numbers_are_refused_by_name(tmp_path: Path):
    path = tmp_path / "norte.geojson"
    boxes = [shapely.box(-60, -34, -59.99, -33.99), shapely.box(-61, -34, -60.99, -33.99)]
    geopandas.GeoDataFrame({"Superficie_HA": ["12,3 ha", "7"]}, geometry=boxes, crs=4326).to_file(path)
    with pytest.raises(RequestError, match=r"“Superficie_HA” del archivo norte\.geojson"):
        rows(path)


def test_a_file_without_a_crs_is_refused_never_guessed(tmp_path: Path):
    path = tmp_path / "x.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.box(0, 0, 1, 1)]).to_file(path)
    with pytest.raises(RequestError, match="sistema de coordenadas"):
        rows(path)


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_fields_come_through_the_portal_as_geopandas_reads_them(real_data: Path, name: str):
    path = real_data / "fields" / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = geopandas.read_file(path).to_crs("EPSG:4326").geometry.to_numpy()
    dataset = FileDataset([path], {}, [SEASON])
    order = np.argsort([json.loads(body)["id"] for body in dataset.features(Layer.FIELDS, SEASON).bodies])
    with running_portal(dataset) as simulator:
        fetched = fetch(simulator, page_size=17)
    assert len(fetched.attributes) == len(expected) == 100
    assert (shapely.to_wkb(fetched.geometry) == shapely.to_wkb(shapely.force_2d(expected[order]))).all()
    stated = np.array(fetched.attributes["superficie_ha"].to_pylist())
    assert np.allclose(stated, measure_polygons(fetched.geometry).hectares, rtol=1e-3, atol=1e-4)
