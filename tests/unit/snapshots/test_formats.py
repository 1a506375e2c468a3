"""Case 20 for the formats of a snapshot and of the current files, each read back by somebody else's reader."""

import csv
import json
import sqlite3
import subprocess
import warnings
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import geopandas
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from modules.domain.layers import Layer
from modules.snapshots.layers import check_layer
from modules.snapshots.reading import read_layer
from tests.faults.backups import back_up, settings_of, store_of
from tests.unit.snapshots.invented import TOUCHED, field_row, layer_of, markers, outline, page_body, source_of
from tests.unit.snapshots.shapes import same_shapes
from tests.unproven import unproven

HOLED = Polygon(
    [(-62.1234567, -34), (-62.1, -34), (-62.1, -33.98), (-62.1234567, -33.98)],
    [[(-62.12, -33.99), (-62.12, -33.985), (-62.11, -33.985), (-62.11, -33.99)]],
)
PARTS = MultiPolygon([outline(0), HOLED])
BOW_TIE = Polygon([(-62, -34), (-61.99, -33.99), (-61.99, -34), (-62, -33.99)])
SHAPES = [outline(0), HOLED, PARTS, BOW_TIE]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one backup of awkward fields and markers."""
    home = tmp_path_factory.mktemp("formats")
    awkward = [field_row(n, lote=FORMULAS[n], cultivo="maíz") for n in range(4)]
    awkward[0] |= {"cultivo": None, "superficie_ha": None, "actualizado": None}
    fields = layer_of(Layer.FIELDS, awkward, SHAPES)
    samples = markers(8, observaciones='dijo "5; 6"\notra línea')
    back_up(settings_of(home), source_of(4, fields=fields, markers=samples))
    return home


@pytest.fixture(scope="module")
def fields(home: Path) -> pa.Table:
    """The fields as the snapshot holds them, with geometry."""
    (snapshot,) = store_of(home).published()
    layer = read_layer(snapshot, Layer.FIELDS)
    return layer.table.append_column("shape", pa.array(layer.wkb))


def shapes_of(fields: pa.Table) -> np.ndarray:
    return shapely.from_wkb(fields["shape"].to_numpy())


def snapshot_folder(home: Path) -> Path:
    return store_of(home).published()[0].path


def test_f20_a_snapshot_reads_back_as_it_was_checked(home: Path):
    (snapshot,) = store_of(home).published()
    checked = check_layer(layer_of(Layer.FIELDS, [field_row(n) for n in range(4)], SHAPES), None)
    layer = read_layer(snapshot, Layer.FIELDS)
    assert layer.table["superficie_geodesica_ha"].equals(checked.table["superficie_geodesica_ha"])
    assert layer.geometry.tolist() == checked.geometry.tolist()
    assert layer.repaired_ids == ["L000003"]


def test_f20_geoparquet_is_read_by_geopandas(home: Path, fields: pa.Table):
    frame = geopandas.read_parquet(snapshot_folder(home) / "lotes.parquet")
    assert frame["id"].tolist() == fields["id"].to_pylist()
    assert frame.crs.to_epsg() == 4326
    assert same_shapes(frame.geometry, [*SHAPES[:3], shapes_of(fields)[3]])
    box = geopandas.read_parquet(snapshot_folder(home) / "lotes.parquet", bbox=(-62.13, -34.1, -62.09, -33.9))
    assert len(box) <= len(frame)


def test_geoparquet_is_zstd_with_a_covering(home: Path):
    file = pq.ParquetFile(snapshot_folder(home) / "lotes.parquet")
    geo = json.loads(file.schema_arrow.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert column["geometry_types"] == ["Polygon", "MultiPolygon"]
    assert not file.schema_arrow.field("bbox").nullable
    group = file.metadata.row_group(0)
    assert {group.column(index).compression for index in range(group.num_columns)} == {"ZSTD"}


@pytest.mark.parametrize("layer", list(Layer), ids=str)
def test_f20_every_layer_is_in_the_geopackage(home: Path, layer: Layer):
    (snapshot,) = store_of(home).published()
    expected = read_layer(snapshot, layer)
    frame = pyogrio.read_dataframe(snapshot_folder(home) / "backup.gpkg", layer=layer.value)
    assert frame["id"].tolist() == expected.table["id"].to_pylist()
    assert same_shapes(frame.geometry, expected.geometry)
    assert frame.crs.to_epsg() == 4326
    assert "huella_geometria" not in frame.columns


def test_f20_geojson_is_rfc_7946(home: Path, fields: pa.Table):
    told = json.loads((snapshot_folder(home) / "lotes.geojson").read_text(encoding="utf-8"))
    assert [feature["id"] for feature in told["features"]] == fields["id"].to_pylist()
    assert "crs" not in told
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in told["features"]]
    assert same_shapes(shapes, shapes_of(fields))
    assert all(part.exterior.is_ccw for shape in shapes for part in shapely.get_parts(shape))
    properties = told["features"][1]["properties"]
    assert properties["actualizado"] == "2026-03-01T12:00:00Z"
    assert properties["lote"] == "+1"
    assert told["features"][0]["properties"]["cultivo"] is None


def test_the_raw_copy_is_byte_for_byte(home: Path):
    for layer in Layer:
        with ZipFile(snapshot_folder(home) / "raw" / f"{layer}.zip") as archive:
            assert archive.namelist() == ["0001.json"]
            assert archive.read("0001.json") == page_body(layer)


def test_f20_current_geopackages_hold_the_rows_of_their_crop(home: Path, fields: pa.Table):
    folder = home / "test_outputs" / "cultivos"
    maize = pyogrio.read_dataframe(folder / "maíz 25-26.gpkg")
    assert maize["id"].tolist() == ["L000001", "L000002", "L000003"]
    assert same_shapes(maize.geometry, shapes_of(fields)[1:])
    assert pyogrio.read_dataframe(folder / "sin cultivo 25-26.gpkg")["id"].tolist() == ["L000000"]


def test_f20_the_files_of_sustainability_say_the_same(home: Path, fields: pa.Table):
    folder = home / "test_outputs" / "sustentabilidad"
    package = pyogrio.read_dataframe(folder / "lotes 25-26.gpkg")
    told = json.loads((folder / "lotes 25-26.geojson").read_text(encoding="utf-8"))
    (header, *rows) = openpyxl.load_workbook(folder / "lotes 25-26.xlsx")["lotes 25-26"].iter_rows(values_only=True)
    sheet = [dict(zip(header, row, strict=True)) for row in rows]
    assert package["id"].tolist() == fields["id"].to_pylist()
    assert same_shapes(package.geometry, shapes_of(fields))
    everywhere = zip(fields.to_pylist(), told["features"], sheet, package.itertuples(), strict=True)
    for field, feature, row, packed in everywhere:
        assert feature["id"] == row["id"] == field["id"]
        for name in ("campo", "cultivo", "superficie_ha", "superficie_geodesica_ha", "perimetro_m"):
            assert feature["properties"][name] == row[name] == field[name]
        centroid = shapely.from_wkb(field["shape"]).centroid
        assert row["centroide_lon"] == packed.centroide_lon == pytest.approx(centroid.x, abs=1e-7)
        assert row["centroide_lat"] == packed.centroide_lat == pytest.approx(centroid.y, abs=1e-7)
        assert row["fecha_respaldo"].date() == date.fromisoformat(feature["properties"]["fecha_respaldo"])
    assert sheet[1]["actualizado"] == datetime(2026, 3, 1, 9)  # noqa: DTZ001  (a sheet's times have no zone)
    assert sheet[0]["actualizado"] is None


def test_f20_sample_points_are_there_for_each_farm(home: Path):
    (snapshot,) = store_of(home).published()
    layer = read_layer(snapshot, Layer.MARKERS)
    expected = dict(zip(layer.table["id"].to_pylist(), layer.geometry, strict=True))
    found = {}
    for path in (home / "test_outputs" / "muestreos").glob("*.gpkg"):
        frame = pyogrio.read_dataframe(path)
        assert set(frame["campo"]) == {path.name.removesuffix(" 25-26.gpkg")}
        assert frame.crs.to_epsg() == 4326
        assert frame["actualizado"][0] == TOUCHED
        assert str(frame["fecha"].iloc[0])[:10] == "2026-02-03"
        west, south, east, north = pyogrio.read_info(path, force_total_bounds=True)["total_bounds"]
        assert (west, south, east, north) == tuple(frame.total_bounds)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found |= dict(zip(frame["id"], frame.geometry, strict=True))
    assert found == expected


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_f20_sample_points_are_in_a_csv_that_a_spreadsheet_opens(home: Path):
    (snapshot,) = store_of(home).published()
    layer = read_layer(snapshot, Layer.MARKERS)
    expected = dict(zip(layer.table["id"].to_pylist(), layer.geometry, strict=True))
    paths = sorted((home / "test_outputs" / "muestreos").glob("*.csv"))
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbfid;") for path in paths)
    rows = [row for path in paths for row in csv_rows(path)]
    assert {row["id"] for row in rows} == expected.keys()
    for row in rows:
        point = expected[row["id"]]
        assert float(row["longitud"].replace(",", ".")) == pytest.approx(point.x, abs=1e-7)
        assert float(row["latitud"].replace(",", ".")) == pytest.approx(point.y, abs=1e-7)
        assert row["observaciones"] == 'dijo "5; 6"\notra línea'
        assert row["actualizado"] == "2026-03-01 09:00:00"
        assert row["profundidad_cm"] == "20"


def test_f34_formulas_are_texts_in_csv(home: Path):
    names = [row["marcador"] for path in (home / "test_outputs" / "muestreos").glob("*.csv") for row in csv_rows(path)]
    assert names
    assert all(name.startswith("'=1+") for name in names)


def test_f34_formulas_are_texts_in_xlsx(home: Path):
    sheet = openpyxl.load_workbook(home / "test_outputs" / "sustentabilidad" / "lotes 25-26.xlsx").active
    column = [cell.value for cell in sheet[1]].index("lote") + 1
    cells = [sheet.cell(row, column) for row in range(2, sheet.max_row + 1)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in FORMULAS]


def test_ogrinfo_opens_the_geopackage(home: Path):
    command = ["ogrinfo", "-so", "-al", str(snapshot_folder(home) / "backup.gpkg")]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        unproven("ogrinfo is not installed")
    assert all(f"Layer name: {layer}" in told.stdout for layer in Layer)
    assert "Feature Count: 4" in told.stdout


def test_readers_find_nothing_to_warn_of(home: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in (home / "test_outputs").rglob("*.g*"):
            if path.suffix in {".gpkg", ".geojson"}:
                pyogrio.read_info(path, layer=0)
