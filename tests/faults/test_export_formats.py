"""Cases 20 and 34 for every format of an export, and what a disk or another program can do to one."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from modules.domain.layers import Layer
from modules.errors import RequestError, SnapshotError, StorageError
from modules.export import FORMATS, ExportRequest, export_layer, warning_sentences
from modules.export.request import POSGAR, UTM, WGS84
from modules.export.selection import select
from modules.kmz.writing.styles import crop_style_id
from modules.settings import PROJECT
from modules.snapshots.store import Snapshot
from modules.storage.atomic import TEMPORARY_PREFIX
from tests.faults.backups import assert_sentence
from tests.faults.disks import mounted_disk
from tests.kmz_readers import NAMESPACE, assert_valid, tree
from tests.unit.export.kept import HOLED, checked_fields, keep, keep_usual
from tests.unit.export.readers import Read, read, same_places
from tests.unit.snapshots.invented import outline

KMZ_OF_FIELDS = ExportRequest(Layer.FIELDS, "kmz")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")
#: Two parts, one of them with a hole.
PARTS = shapely.MultiPolygon([outline(7), HOLED])
SHAPES = [outline(0), HOLED, PARTS, shapely.reverse(HOLED)]
WITH_PLACES = [name for name, each in FORMATS.items() if each.coordinates]
WITH_CRS = [name for name, each in FORMATS.items() if each.carries_crs]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Fields with holes and parts, called by formulas, one of them without anything that may be missing."""
    rows = [{"lote": FORMULAS[number], "cultivo": "maíz"} for number in range(len(SHAPES))]
    rows[0] |= {"cultivo": None, "superficie_ha": None, "actualizado": None}
    return keep(tmp_path_factory.mktemp("awkward"), checked_fields(SHAPES, rows))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return keep_usual(tmp_path_factory.mktemp("usual"))


def exported(snapshot: Snapshot, folder: Path, layer: Layer, kind: str, **request: object) -> Read:
    result = export_layer(snapshot, ExportRequest(layer, kind, **request), folder)  # type: ignore[arg-type]
    found = read(result.path, kind)
    assert (len(found.rows), result.bytes) == (result.rows, result.path.stat().st_size)
    if result.crs:
        assert f"EPSG:{found.epsg}" == result.crs
    return found


@pytest.mark.parametrize("crs", [WGS84, POSGAR, UTM])
@pytest.mark.parametrize("kind", WITH_CRS)
def test_f20_outlines_holes_and_parts_come_back(awkward: Snapshot, tmp_path: Path, kind: str, crs: str) -> None:
    found = exported(awkward, tmp_path, Layer.FIELDS, kind, crs=crs)
    assert found.ids == [f"L{number:06}" for number in range(len(SHAPES))]
    assert same_places(found.geometry, SHAPES)
    assert found.epsg == {WGS84: 4326, POSGAR: 5346, UTM: 32720}[crs]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("layer", list(Layer))
def test_f20_every_layer_in_every_format(usual: Snapshot, tmp_path: Path, layer: Layer, kind: str) -> None:
    expected = select(usual, ExportRequest(layer, kind))
    found = exported(usual, tmp_path, layer, kind)
    assert found.ids == expected.table["id"].to_pylist()
    if found.geometry is not None:
        assert same_places(found.geometry, expected.geometry)
        known = {name for name, value in expected.table.to_pylist()[0].items() if kind != "kmz" or value is not None}
        assert set(found.rows[0]) - {"bbox"} == known
    else:
        names = ("longitud", "latitud") if layer is Layer.MARKERS else ("centroide_lon", "centroide_lat")
        places = [[float(str(row[name]).replace(",", ".")) for name in names] for row in found.rows]
        centroids = shapely.get_coordinates(shapely.centroid(expected.geometry))
        assert np.abs(np.array(places) - centroids).max() < 1e-7


def test_f20_geojson_is_rfc_7946(awkward: Snapshot, tmp_path: Path) -> None:
    result = export_layer(awkward, ExportRequest(Layer.FIELDS, "geojson"), tmp_path)
    text = result.path.read_text(encoding="utf-8")
    assert '"crs"' not in text
    assert "-62.1234567" in text
    shapes, holes = pyogrio.read_dataframe(result.path).geometry, 0
    for polygon in shapely.get_parts(shapes):
        assert polygon.exterior.is_ccw
        assert not any(hole.is_ccw for hole in polygon.interiors)
        holes += len(polygon.interiors)
    assert holes == 3


def test_f20_a_projected_file_has_east_before_north(awkward: Snapshot, tmp_path: Path) -> None:
    """EPSG names the northing of POSGAR's strips first; files never do."""
    for kind in WITH_CRS:
        path = export_layer(awkward, ExportRequest(Layer.FIELDS, kind, crs=POSGAR), tmp_path).path
        source = f"/vsizip/{path}/lotes_25-26.shp" if kind == "shapefile" else path
        west, south, east, north = (
            pyogrio.read_info(source, force_total_bounds=True)["total_bounds"]
            if kind != "parquet"
            else shapely.total_bounds(_raw_parquet(path))
        )
        assert 4_580_000 < west < east < 4_700_000, kind
        assert 6_000_000 < south < north < 6_300_000, kind


def _raw_parquet(path: Path) -> np.ndarray:
    import pyarrow.parquet as pq

    shapes: np.ndarray = shapely.from_wkb(pq.read_table(path)["geometry"].to_numpy())
    return shapes


def test_f20_a_shapefile_says_its_encoding_and_the_names_of_its_columns(awkward: Snapshot, tmp_path: Path) -> None:
    result = export_layer(awkward, ExportRequest(Layer.FIELDS, "shapefile"), tmp_path)
    with ZipFile(result.path) as archive:
        names = archive.namelist()
        assert sorted(name.rsplit(".", 1)[1] for name in names) == ["cpg", "csv", "dbf", "prj", "shp", "shx"]
        assert archive.read("lotes_25-26.cpg") == b"UTF-8"
    columns = pyogrio.read_info(f"/vsizip/{result.path}/lotes_25-26.shp")["fields"].tolist()
    assert columns == [
        "id", "lote", "campo_id", "campo", "campania", "cultivo", "sup_ha", "actualiz", "sup_geo_ha", "perim_m",
        "reparado",
    ]  # fmt: skip


def test_f20_a_text_too_long_for_a_shapefile_is_cut_and_told(tmp_path: Path) -> None:
    long = "ñ" * 200  # 400 bytes
    rows = [{"lote": long}, {"lote": "a" * 254}, {"lote": "a" * 255}]
    snapshot = keep(tmp_path, checked_fields(SHAPES[:3], rows))
    result = export_layer(snapshot, ExportRequest(Layer.FIELDS, "shapefile"), tmp_path)
    assert read(result.path, "shapefile").column("lote") == ["ñ" * 127, "a" * 254, "a" * 254]
    (sentence,) = warning_sentences(result.warnings)
    assert all(word in sentence for word in ("lote", " 2;", "L000000, L000002"))


def test_f20_a_text_too_long_for_a_cell_is_cut_and_told(tmp_path: Path) -> None:
    snapshot = keep(tmp_path, checked_fields(SHAPES[:2], [{"lote": "🌱" * 16_384}, {"lote": "ñ" * 32_767}]))
    result = export_layer(snapshot, ExportRequest(Layer.FIELDS, "xlsx"), tmp_path)
    assert read(result.path, "xlsx").column("lote") == ["🌱" * 16_383, "ñ" * 32_767]
    (sentence,) = warning_sentences(result.warnings)
    assert "L000000" in sentence
    assert "L000001" not in sentence


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("shapefile", "modules.exporters.shapefile._MOST_IN_FILE"),
        ("xlsx", "modules.export.formats._MOST_ROWS_IN_SHEET"),
    ],
)
def test_more_than_a_format_can_hold_is_refused(
    usual: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, limit: str
) -> None:
    """With a lower limit: the real ones need gigabytes."""
    monkeypatch.setattr(limit, 11)
    with pytest.raises(RequestError) as caught:
        export_layer(usual, ExportRequest(Layer.FIELDS, kind), tmp_path)
    assert_sentence(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_f34_formulas_are_texts_in_csv(awkward: Snapshot, tmp_path: Path) -> None:
    found = exported(awkward, tmp_path, Layer.FIELDS, "csv")
    assert found.column("lote") == [f"'{formula}" for formula in FORMULAS[: len(SHAPES)]]


def test_f34_formulas_are_texts_in_xlsx(awkward: Snapshot, tmp_path: Path) -> None:
    result = export_layer(awkward, ExportRequest(Layer.FIELDS, "xlsx"), tmp_path)
    sheet = openpyxl.load_workbook(result.path).active
    column = [cell.value for cell in sheet[1]].index("lote") + 1
    cells = [sheet.cell(row, column) for row in range(2, sheet.max_row + 1)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in FORMULAS[: len(SHAPES)]]


def test_f34_no_farm_or_crop_can_be_a_formula_either(tmp_path: Path) -> None:
    rows = [{"campo": formula, "cultivo": formula} for formula in FORMULAS]
    snapshot = keep(tmp_path, checked_fields([outline(number) for number in range(len(FORMULAS))], rows))
    found = exported(snapshot, tmp_path, Layer.FIELDS, "csv")
    assert found.column("campo") == found.column("cultivo") == [f"'{formula}" for formula in FORMULAS]


def temporaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if TEMPORARY_PREFIX in path.name]


@pytest.mark.parametrize("kind", FORMATS)
def test_f21_a_full_disk_leaves_what_was_there(tmp_path: Path, kind: str) -> None:
    snapshot = keep(
        tmp_path, checked_fields([outline(number, 100) for number in range(900)], [{"lote": "x" * 500}] * 900)
    )
    with mounted_disk(tmp_path / "small", 24) as disk:
        target = disk / f"mine{FORMATS[kind].suffix}"
        target.write_bytes(b"mine")
        with pytest.raises(StorageError) as caught:
            export_layer(snapshot, ExportRequest(Layer.FIELDS, kind), target, replace=True)
        assert target.read_bytes() == b"mine"
        assert [path.name for path in disk.iterdir()] == [target.name]
    assert_sentence(caught.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_there_stays_unless_it_shall_go(usual: Snapshot, tmp_path: Path, kind: str) -> None:
    request = ExportRequest(Layer.FIELDS, kind)
    target = tmp_path / f"mine{FORMATS[kind].suffix}"
    target.write_bytes(b"mine")
    with pytest.raises(RequestError) as caught:
        export_layer(usual, request, target)
    assert target.read_bytes() == b"mine"
    assert_sentence(caught.value)
    export_layer(usual, request, target, replace=True)
    assert read(target, kind).ids == [f"L{number:06}" for number in range(12)]
    assert temporaries(tmp_path) == []


def test_f26_a_file_with_one_flipped_byte_is_not_exported(tmp_path: Path) -> None:
    snapshot = keep_usual(tmp_path)
    path = snapshot.path / "lotes.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    for layer, request in ((Layer.FIELDS, {}), (Layer.ZONES, {"crops": ["soja"]})):
        with pytest.raises(SnapshotError) as caught:
            export_layer(snapshot, ExportRequest(layer, "csv", **request), tmp_path)
        assert_sentence(caught.value)
        assert "lotes.parquet" in caught.value.sentence()


def test_f29_the_proposed_name_is_safe(tmp_path: Path) -> None:
    rows = [{"campo": 'La "Última": 1/2', "campo_id": "C9"}]
    snapshot = keep(tmp_path, checked_fields(SHAPES[:1], rows))
    request = ExportRequest(Layer.FIELDS, "geojson", farms=['la "ultima": 1/2'])
    assert export_layer(snapshot, request, tmp_path).path.name == "lotes 25-26 la _ultima__ 1_2.geojson"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Measured .M. geometry types are not supported")  # GDAL drops them
@pytest.mark.parametrize("name", ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"])
def test_f20_real_fields_in_every_format(real_data: Path, tmp_path: Path, name: str) -> None:
    frame = pyogrio.read_dataframe(real_data / "fields" / name, columns=[]).to_crs("EPSG:4326")
    shapes = [shape for shape in frame.geometry if shape is not None and not shape.is_empty]
    snapshot = keep(tmp_path, checked_fields(shapes))
    layer = select(snapshot, ExportRequest(Layer.FIELDS, "gpkg"))
    for kind in WITH_PLACES:
        found = exported(snapshot, tmp_path, Layer.FIELDS, kind)
        assert found.ids == layer.table["id"].to_pylist(), kind
        assert _as_near(found.geometry, layer.geometry), kind
    for kind in set(FORMATS) - set(WITH_PLACES):
        assert exported(snapshot, tmp_path, Layer.FIELDS, kind).ids == layer.table["id"].to_pylist()
    for kind in WITH_CRS:
        found = exported(snapshot, tmp_path, Layer.FIELDS, kind, crs=UTM)
        assert _as_near(found.geometry, layer.geometry), kind


def _as_near(found: np.ndarray | None, expected: np.ndarray) -> bool:
    """Real outlines have more than seven decimals: as many parts, rings and places, none further than 1e-7 off."""
    assert found is not None
    for count in (shapely.get_num_coordinates, shapely.get_num_geometries, _holes):
        if not (count(found) == count(expected)).all():
            return False
    # The distance alone would do, and takes long. Which vertex begins a ring may depend on noise, though.
    near = shapely.equals_exact(*(shapely.normalize(_multi(each)) for each in (found, expected)), 1e-7)
    return bool((shapely.hausdorff_distance(found[~near], expected[~near]) < 1e-7).all())


def _multi(shapes: np.ndarray) -> np.ndarray:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return shapely.multipolygons(parts, indices=owner)


def _holes(shapes: np.ndarray) -> np.ndarray:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.bincount(owner, shapely.get_num_interior_rings(parts), minlength=len(shapes))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpkg", "shapefile"])
def test_what_a_killed_export_left_goes_away_at_the_next(usual: Snapshot, tmp_path: Path, kind: str) -> None:
    suffix = FORMATS[kind].suffix
    for name in ("lotes", "others"):
        kill_export(kind, tmp_path / name, tmp_path / f"{name}{suffix}")
    left = temporaries_in(tmp_path)
    assert len(left) >= 2
    export_layer(usual, ExportRequest(Layer.FIELDS, kind), tmp_path / f"lotes{suffix}")
    assert temporaries_in(tmp_path) == left  # one that was written to a moment ago may have its writer yet
    for path in left:
        os.utime(path, (0, 0))
    export_layer(usual, ExportRequest(Layer.FIELDS, kind), tmp_path / f"lotes{suffix}", replace=True)
    assert set() < temporaries_in(tmp_path) < left
    export_layer(usual, ExportRequest(Layer.FIELDS, kind), tmp_path / f"others{suffix}")
    assert temporaries_in(tmp_path) == set()


def temporaries_in(folder: Path) -> set[Path]:
    return {path for path in folder.iterdir() if path.name.startswith(TEMPORARY_PREFIX)}


def kill_export(kind: str, folder: Path, target: Path) -> None:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.faults.killed_export", kind, str(folder), str(target)]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -signal.SIGKILL


def test_f33_a_kmz_has_folders_by_farm_colours_and_labels(tmp_path: Path) -> None:
    rows = [
        {"campo_id": "B", "campo": "<b>Loma]]></b>", "lote": "10", "cultivo": "soja"},
        {"campo_id": "A", "campo": "El Bajo", "lote": "$[id]", "cultivo": None},
        {"campo_id": "B", "campo": "<b>Loma]]></b>", "lote": "2", "cultivo": "maíz"},
    ]
    path = export_layer(keep(tmp_path, checked_fields(SHAPES[:3], rows)), KMZ_OF_FIELDS, tmp_path).path
    assert_valid(path)
    document = tree(path)

    def found(xpath: str) -> list[str]:
        return [str(each) for each in document.xpath(xpath, namespaces=NAMESPACE)]

    assert found("/k:kml/k:Document/k:Folder/k:name/text()") == ["<b>Loma]]></b>", "El Bajo", "Etiquetas"]
    names = "k:Placemark/k:name/text()"
    assert found(f"//k:Folder[1]/{names}") == ["2", "10"]
    assert found(f"//k:Folder[3]/{names}") == ["2", "10", "$[id]"]
    used = found("//k:Placemark/k:styleUrl/text()")
    assert {each.removeprefix("#") for each in used} == set(found("//k:Style/@id"))
    assert crop_style_id("soja") in found("//k:Style/@id")
    assert not any("$[" in text for text in found("//k:Placemark/k:description/text()"))


def test_a_kmz_has_no_choice_of_coordinates(usual: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        export_layer(usual, ExportRequest(Layer.FIELDS, "kmz", crs=POSGAR), tmp_path)
    assert "KMZ" in refused.value.sentence()
    assert_sentence(refused.value)
    assert list(tmp_path.iterdir()) == []
