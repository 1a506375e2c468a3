"""A grid as KMZ, read back by readers that are not ours."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pyarrow as pa
import pytest
import shapely
from babel.numbers import parse_decimal

from modules.domain.crop_colours import crop_colour
from modules.h3_grid.placemarks import write_cells
from modules.i18n import LANGUAGES, Language, use_language
from modules.i18n.zone import BUENOS_AIRES
from modules.kmz_products.edition import Edition
from tests.kmz_readers import assert_valid, document, found, gdal_count
from tests.unit.h3.grids import fields_of, grid_of, plain_grid
from tests.unit.snapshots.invented import outline

EDITION = Edition("25/26", "23/11/2026", "demo & <co>")
WHEN = datetime(2026, 11, 23, 3, tzinfo=BUENOS_AIRES)
#: Seven decimals of a degree.
A_CENTIMETRE = 1e-7


def written(path: Path, table: pa.Table) -> Path:
    write_cells(path, table, "Grilla H3 25-26 res 10", EDITION, WHEN)
    return path


@pytest.fixture(scope="module")
def cells() -> pa.Table:
    return plain_grid(12, 10).cells


@pytest.fixture(scope="module")
def kmz(tmp_path_factory: pytest.TempPathFactory, cells: pa.Table) -> Path:
    return written(tmp_path_factory.mktemp("kmz") / "a.kmz", cells)


def values(path: Path) -> list[dict[str, Any]]:
    rows = []
    for placemark in found(path, "//k:Placemark"):
        data = {each.get("name"): each[0].text for each in placemark.iterfind(".//{*}Data")}
        ring = [tuple(map(float, each.split(","))) for each in placemark.find(".//{*}coordinates").text.split()]
        folders = [each.find("{*}name").text for each in placemark.iterancestors("{*}Folder")]
        rows.append(data | {"ring": ring, "folders": folders[::-1], "style": placemark.find("{*}styleUrl").text[1:]})
    return rows


def test_gdal_finds_every_cell_and_the_schema_agrees(kmz: Path, cells: pa.Table):
    assert gdal_count(kmz) == len(cells)
    assert_valid(kmz)


def test_outlines_are_those_of_h3_to_a_centimetre(kmz: Path):
    for row in values(kmz):
        expected = shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(row["h3_texto"])])
        away = shapely.hausdorff_distance(shapely.Polygon(row["ring"]).exterior, expected.exterior)
        assert away <= A_CENTIMETRE


def test_each_cell_says_what_the_table_says(kmz: Path, cells: pa.Table):
    told = {(row["h3_texto"], row["lote_id"]): row for row in values(kmz)}
    assert len(told) == len(cells)
    for row in cells.to_pylist():
        said = told[row["h3_texto"], row["lote_id"]]
        for name in ("lote", "campo", "cultivo", "campania", "ambiente"):
            assert said.get(name) == row[name], name
        for name in ("superficie_ha", "parte_lote", "muestreos", "marcadores"):
            assert float(said[name]) == pytest.approx(row[name], rel=1e-12), name


def test_folders_are_farms_and_their_fields_with_hectares_that_add_up(kmz: Path, cells: pa.Table):
    folders: dict[str, float] = {}
    for row in values(kmz):
        farm, field = row["folders"]
        assert farm.startswith(f"{row['campo']} · ")
        assert field.startswith(f"{row['lote']} · ")
        folders[farm] = folders.get(farm, 0) + float(row["superficie_ha"])
    for title, hectares in folders.items():
        written_ha = parse_decimal(re.search(r"· ([\d.,]+) ha$", title).group(1), locale="es_AR")
        assert float(written_ha) == pytest.approx(hectares, abs=0.051 if hectares < 100 else 0.51)
    assert sum(folders.values()) == pytest.approx(np.sum(cells["superficie_ha"].to_numpy()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_spanish_whatever_the_screens_speak(tmp_path: Path, language: Language):
    field = fields_of([shapely.box(-62, -34, -61.9, -33.9)], lote="1", campo="Campo del Cielo")
    with use_language(language):
        path = written(tmp_path / "a.kmz", grid_of(field, 6).cells)
    hectares = field.table["superficie_geodesica_ha"][0].as_py()
    titles = [each.text for each in found(path, "//k:Folder/k:name")]
    thousands = f"{hectares:,.0f}".replace(",", ".")
    assert titles == [f"Campo del Cielo · {thousands} ha", f"1 · {thousands} ha"]
    cells = [each.text for each in found(path, "//k:Placemark/k:name")]
    assert any(re.fullmatch(r"\d\.\d{3},\d\d ha", each) for each in cells)


def test_cells_have_the_colour_of_their_crop(kmz: Path):
    lines = {style.get("id"): style.findtext(".//{*}LineStyle/{*}color") for style in found(kmz, "//k:Style")}
    crops = {(row.get("cultivo"), row["style"]) for row in values(kmz)}
    assert len(crops) > 2
    for crop, style in crops:
        red, green, blue = re.findall("..", crop_colour(crop)[1:])
        assert lines[style] == f"FF{blue}{green}{red}"


def test_f33_names_are_text_and_nothing_else(tmp_path: Path):
    name = '<b>&amp; ]]> $[name] "x"'
    table = grid_of(fields_of([outline(0)], lote=name, campo=name, cultivo=name), 9).cells
    path = written(tmp_path / "a.kmz", table)
    assert_valid(path)
    (placemark, *_rest) = values(path)
    assert (placemark["lote"], placemark["campo"], placemark["cultivo"]) == (name, name, name)
    assert b"<b>&" not in document(path)
    assert b"$[name]" not in re.sub(rb"<(name|value)>.*?</", b"", document(path))


def test_the_same_grid_gives_the_same_bytes(tmp_path: Path, kmz: Path, cells: pa.Table):
    assert written(tmp_path / "b.kmz", cells).read_bytes() == kmz.read_bytes()
