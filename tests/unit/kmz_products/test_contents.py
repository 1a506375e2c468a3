import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

from modules.domain.crop_colours import CROP_COLOURS, crop_colour
from modules.kmz_products.request import Label, Product
from tests.kmz_readers import assert_valid, document, fastkml_rows, found, gdal_count, gdal_rows
from tests.unit.kmz_products.snapshots import fields_named, write_product
from tests.unit.snapshots.invented import fields, markers, outline, zones


def folders(path: Path, above: str = "k:Document") -> list[str]:
    return [str(name) for name in found(path, f"//{above}/k:Folder/k:name/text()")]


def by_name(paths: list[Path]) -> dict[str, Path]:
    return {path.name: path for path in paths}


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[Product, dict[str, Path]]:
    """All products of 12 fields with three zones and a marker each."""
    made = {}
    for product in Product:
        folder = tmp_path_factory.mktemp("product")
        made[product] = by_name(write_product(folder, product, fields(12), zones(36), markers(12)))
    return made


def test_each_product_has_its_files(products):
    farms, crops = ("El Ñandú", "La Escondida", "San José"), ("maíz", "soja", "trigo", "sin cultivo")
    assert list(products[Product.BY_FARM]) == [f"{farm} 25-26.kmz" for farm in farms]
    assert list(products[Product.BY_CROP]) == [f"{crop} 25-26.kmz" for crop in crops]
    assert set(products[Product.BY_CROP_AND_FARM]) == {f"{c} - {f} 25-26.kmz" for c in crops for f in farms}
    assert len(products[Product.BY_FIELD]) == 12
    assert "La Escondida - 9 25-26.kmz" in products[Product.BY_FIELD]


@pytest.mark.parametrize("product", list(Product))
def test_every_file_is_valid_and_gdal_finds_all_features(products, product):
    labels_and_fields = {Product.BY_FARM: 24, Product.BY_CROP_AND_FARM: 24, Product.BY_CROP: 24, Product.BY_FIELD: 24}
    others = {Product.BY_FARM: 48, Product.BY_FIELD: 48}
    for path in products[product].values():
        assert_valid(path)
    counted = sum(gdal_count(path) for path in products[product].values())
    assert counted == labels_and_fields[product] + others.get(product, 0)


def test_a_farm_has_folders_for_fields_by_crop_labels_zones_by_field_and_markers_by_kind(products):
    path = products[Product.BY_FARM]["La Escondida 25-26.kmz"]
    assert folders(path) == ["Lotes · 4 lotes · 106 ha", "Etiquetas", "Ambientes", "Marcadores"]
    assert folders(path, "k:Folder[k:name='Lotes · 4 lotes · 106 ha']") == [
        "maíz · 1 lote · 26,5 ha", "soja · 1 lote · 26,5 ha", "trigo · 1 lote · 26,5 ha",
        "sin cultivo · 1 lote · 26,5 ha",
    ]  # fmt: skip
    assert found(path, "//k:Folder[k:name='Ambientes']/k:visibility/text()") == ["0"]
    assert folders(path, "k:Folder[k:name='Marcadores']") == ["muestreo"]


def test_a_crop_has_its_farms_and_in_them_a_folder_a_field_with_outline_and_label(products):
    path = products[Product.BY_CROP]["soja 25-26.kmz"]
    farm = "k:Folder[k:name='La Escondida · 1 lote · 26,5 ha']"
    assert folders(path, farm) == ["0 · 26,5 ha"]
    assert found(path, f"//{farm}/k:Folder/k:Placemark/k:name/text()") == ["0", "0 · 26,5 ha"]


def test_a_field_is_outlined_where_its_zones_are_drawn_and_filled_elsewhere(products, tmp_path):
    with_zones = products[Product.BY_FIELD]["La Escondida - 0 25-26.kmz"]
    [style] = found(with_zones, "//k:Folder[k:name='Lote']/k:Placemark[k:Polygon]/k:styleUrl/text()")
    assert found(with_zones, f"//k:Style[@id='{style[1:]}']/k:PolyStyle/k:fill/text()") == ["0"]
    assert folders(with_zones) == ["Ambientes", "Lote", "Marcadores"]
    [without] = write_product(tmp_path, Product.BY_FIELD, fields_named("7"))
    [style] = found(without, "//k:Folder[k:name='Lote']/k:Placemark[k:Polygon]/k:styleUrl/text()")
    assert found(without, f"//k:Style[@id='{style[1:]}']/k:PolyStyle/k:fill/text()") == ["1"]


@pytest.mark.parametrize("product", list(Product))
def test_every_style_that_is_used_is_there_once(products, product):
    for path in products[product].values():
        ids = found(path, "//k:Style/@id")
        assert len(ids) == len(set(ids))
        assert {f"#{each}" for each in ids} >= set(found(path, "//k:styleUrl/text()"))


def test_a_crop_has_its_colour_in_line_and_fill(products):
    path = products[Product.BY_CROP]["soja 25-26.kmz"]
    [style] = set(found(path, "//k:Placemark[k:Polygon]/k:styleUrl/text()"))
    line, fill = (
        found(path, f"//k:Style[@id='{style[1:]}']/k:{kind}Style/k:color/text()")[0] for kind in ("Line", "Poly")
    )
    assert line.upper() == "FF739E00"
    assert fill.upper().endswith("739E00")
    assert 0x40 < int(fill[:2], 16) < 0xA0


def test_crops_are_told_by_their_first_word_and_others_keep_a_colour_of_their_own():
    assert crop_colour("Soja 1ª") == crop_colour("SOJA") == CROP_COLOURS["soja"]
    assert crop_colour("MAIZ tardío") == crop_colour("maíz") == CROP_COLOURS["maiz"]
    assert crop_colour("quínoa") == crop_colour("Quinoa") != crop_colour("camelina")
    assert crop_colour(None) == crop_colour("  ") == "#FFFFFF"


def test_no_file_names_anything_at_another_place(products):
    for files in products.values():
        for path in files.values():
            assert found(path, "//k:href/text()[not(.='files/marca.png')]") == []
            assert re.findall(rb"https?://", document(path)) == [b"http://"]  # the namespace


def test_markers_bring_their_icon_along(products):
    with zipfile.ZipFile(products[Product.BY_FARM]["San José 25-26.kmz"]) as archive:
        assert archive.namelist() == ["doc.kml", "files/marca.png"]
        icon = Image.open(io.BytesIO(archive.read("files/marca.png")))
        icon.load()
    assert (icon.size, icon.mode) == ((32, 32), "LA")
    assert icon.getpixel((0, 0))[1] == 0
    assert icon.getpixel((16, 16)) == (255, 255)
    with zipfile.ZipFile(products[Product.BY_CROP]["soja 25-26.kmz"]) as archive:
        assert archive.namelist() == ["doc.kml"]


def test_the_facts_stand_in_balloon_snippet_and_columns(products):
    row = gdal_rows(products[Product.BY_FARM]["La Escondida 25-26.kmz"])["L000000"]
    assert row["snippet"] == "Campaña 25/26 · 23/11/2026 · invented"
    assert "<td>soja</td>" in row["description"]
    assert "<td>26,5</td>" in row["description"]
    assert (row["campo"], row["campania"], row["cultivo"]) == ("La Escondida", "25/26", "soja")
    assert row["actualizado"] == "2026-03-01T12:00:00Z"
    assert float(row["superficie_geodesica_ha"]) == pytest.approx(26.49, abs=0.01)
    assert (row["farm_name"], row["field_name"]) == ("La Escondida", "0")
    assert "grower_name" not in row
    assert "huella_geometria" not in row


def test_terminals_are_told_the_grower_only_where_one_is_named(tmp_path):
    [path] = write_product(tmp_path, Product.BY_FARM, fields_named("7"), grower="Grupo & Cía")
    assert gdal_rows(path)["L000000"]["grower_name"] == "Grupo & Cía"
    [path] = write_product(tmp_path, Product.BY_FARM, fields_named("7"), terminal_names=False)
    assert not {"grower_name", "farm_name", "field_name"} & gdal_rows(path)["L000000"].keys()


@pytest.mark.parametrize(
    ("labels", "written"), [(Label.NONE, []), (Label.NAME, ["7"]), (Label.NAME_AND_HECTARES, ["7 · 26,5 ha"])]
)
def test_labels_are_as_chosen(tmp_path, labels, written):
    [path] = write_product(tmp_path, Product.BY_CROP_AND_FARM, fields_named("7"), labels=labels)
    assert found(path, "//k:Folder[k:name='Etiquetas']/k:Placemark/k:name/text()") == written


def test_a_label_stands_inside_its_field_whatever_its_form(tmp_path):
    ring = shapely.Point(-62, -34).buffer(0.01).difference(shapely.Point(-62, -34).buffer(0.008))
    hook = shapely.Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)])
    apart = shapely.MultiPolygon([outline(0), outline(50)])
    shapes = [ring, shapely.affinity.scale(hook, 0.01, 0.01), apart, outline(3)]
    [path] = write_product(tmp_path, Product.BY_CROP_AND_FARM, fields_named(*"1234", shapes=shapes))
    points = [tuple(map(float, each.split(","))) for each in found(path, "//k:Point/k:coordinates/text()")]
    assert len(points) == 4
    assert all(shape.covers(shapely.Point(point)) for shape, point in zip(shapes, points, strict=True))


def test_holes_and_several_parts_are_kept_and_outlines_run_counterclockwise(tmp_path):
    hole = shapely.Polygon(outline(0).exterior, [outline(0).centroid.buffer(0.0005).exterior])
    several = shapely.MultiPolygon([hole, outline(40)])
    [path] = write_product(tmp_path, Product.BY_FARM, fields_named("1", "2", shapes=[hole.reverse(), several]))
    rows = fastkml_rows(path)
    assert [len(rows["L000000"]["geometry"].interiors), rows["L000001"]["geometry"].geom_type] == [1, "MultiPolygon"]
    for row in rows.values():
        assert all(part.exterior.is_ccw for part in shapely.get_parts(row["geometry"]))


def test_fields_of_a_name_with_numbers_are_in_the_order_of_people(tmp_path):
    [path] = write_product(
        tmp_path, Product.BY_CROP_AND_FARM, fields_named("Lote 10", "Lote 2", "lote 1"), labels=Label.NONE
    )
    assert found(path, "//k:Placemark/k:name/text()") == ["lote 1", "Lote 2", "Lote 10"]


def test_rows_without_a_field_or_farm_are_in_a_file_too(tmp_path):
    lost = markers(3, lote_id=None, lote=None, campo_id=None, campo=None)
    paths = by_name(write_product(tmp_path, Product.BY_FARM, fields_named("7"), lost))
    assert set(paths) == {"La Escondida 25-26.kmz", "sin campo 25-26.kmz"}
    assert len(gdal_rows(paths["sin campo 25-26.kmz"])) == 3


def test_the_same_snapshot_gives_the_same_bytes(tmp_path):
    made = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        paths = write_product(tmp_path / run, Product.BY_FARM, fields(9), zones(9), markers(9))
        made.append([path.read_bytes() for path in paths])
    assert made[0] == made[1]


def test_more_rows_than_a_batch_are_all_there(tmp_path, monkeypatch):
    monkeypatch.setattr("modules.kmz.writing.streams._ROWS", 5)
    monkeypatch.setattr("modules.kmz_products.files._MOST_ROWS", 20)
    paths = write_product(tmp_path, Product.BY_FARM, fields(40), zones(60), markers(40))
    rows = [gdal_rows(path) for path in paths]
    assert sum(map(len, rows)) == len({key for each in rows for key in each}) == 140


def test_a_row_with_more_vertices_than_a_batch_is_written_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("modules.kmz.writing.streams._VERTICES", 12)
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    large = shapely.Polygon(np.c_[-62 + 0.01 * np.cos(angle), -34 + 0.01 * np.sin(angle)])
    [path] = write_product(
        tmp_path, Product.BY_FARM, fields_named("1", "2", "3", shapes=[outline(0), large, outline(2)])
    )
    assert sorted(gdal_rows(path)) == ["L000000", "L000001", "L000002"]
