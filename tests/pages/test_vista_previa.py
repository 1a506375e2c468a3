"""Preview: a product by its path, an upload by its token; the tree's boxes, the table, and what is said otherwise."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.components.kmz_preview_tree import ROWS
from modules.environments import Environment
from modules.storage.roots import Folder, root_of, uploads_of
from tests.pages.conftest import words_of
from tests.pages.test_archivos import links_of
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon

Open = Callable[..., AppTest]

LINK = "<NetworkLink><name>vivo</name><Link><href>https://example.com/a.kml</href></Link></NetworkLink>"
LOTS = "".join(placemark(f"<description>Soja {n}</description>{polygon(SQUARE)}", f"Lote {n}") for n in range(1, 31))
BODY = (
    f"<Folder><name>Norte</name>{LOTS}</Folder><Folder><name>Sur</name><visibility>0</visibility>"
    f"{placemark('<visibility>0</visibility><Point><coordinates>1,1</coordinates></Point>', 'Molino')}</Folder>"
)
PATH = f"{Folder.KMZ_BY_FARM}/La Escondida 25-26.kmz"


def put(home: Path, body: str = BODY, **members: bytes) -> None:
    file = root_of(home, Environment.TEST) / PATH
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(kmz({"doc.kml": kml(body), **{f"{name}.png": content for name, content in members.items()}}))


def upload(page: AppTest, content: bytes, name: str = "lotes.kmz") -> AppTest:
    page.file_uploader[0].set_value((name, content, "application/octet-stream"))
    return page.run()


def rows_of(page: AppTest, number: int = 0) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = page.table[number].value.to_dict("records")
    return rows


def names_of(page: AppTest) -> list[str]:
    return [row["Nombre"].replace("\\", "") for row in rows_of(page)]


def drawn(page: AppTest) -> dict[str, Any]:
    """The one layer that the map is told to draw."""
    (found,) = page.get("bidi_component")
    (layer,) = json.loads(found.proto.json)["layers"]
    assert isinstance(layer, dict)
    return layer


def boxes(page: AppTest) -> dict[str, bool]:
    return {box.label.replace("\\", ""): box.value for box in page.checkbox}


def test_files_lead_to_the_preview_of_a_kmz(open_page: Open, home: Path):
    put(home)
    (root_of(home, Environment.TEST) / Folder.KMZ_BY_FARM / "notas.txt").write_text("x")
    page = open_page("archivos", path=Folder.KMZ_BY_FARM)
    targets = [target for label, target in links_of(page) if label == "Vista previa"]
    assert targets == ["path=KMZ+POR+CAMPO%2FLa+Escondida+25-26.kmz"]
    assert "Ver un KMZ …" in [label for label, _target in links_of(page)]


def test_a_product_is_shown_with_facts_tree_and_table(open_page: Open, home: Path):
    put(home, BODY + LINK + overlay(), a=image())
    page = open_page("vista_previa", path=PATH)
    assert not page.exception
    words = words_of(page)
    assert "La Escondida 25\\-26\\.kmz" in words
    assert "30 polígonos · 1 punto · 1 imagen · 1 enlace · 2 carpetas" in words
    assert "Enlaces a otros archivos, en la lista y sin seguir: 1" in words.replace("\\", "")
    assert boxes(page) == {"Dibujar La Escondida 25-26 kmz": True, "Dibujar Norte": True, "Dibujar Sur": False}
    assert names_of(page) == [f"Lote {n}" for n in range(1, 26)]
    assert rows_of(page)[0]["Globo"] == "Soja 1"
    assert [target for _label, target in links_of(page) if target.startswith("/files/")]
    assert rows_of(page, 1)[0]["Nombre"] == "NDVI"
    assert "example\\.com" in rows_of(page, 2)[0]["Dirección"]


def test_contents_are_turned_page_by_page_and_folder_by_folder(open_page: Open, home: Path):
    put(home)
    page = open_page("vista_previa", path=PATH)
    page.button(key="kmz-contents-after").click().run()
    assert page.query_params["page"] == "2"
    assert names_of(page) == [f"Lote {n}" for n in range(26, 31)] + ["Molino"]
    next(button for button in page.button if button.label == "Sur").click().run()
    assert page.query_params["folder"] == "2"
    assert "page" not in page.query_params
    assert names_of(page) == ["Molino"]
    again = open_page("vista_previa", path=PATH, folder="2")
    assert names_of(again) == ["Molino"]


@pytest.mark.parametrize("folder", ["99", "²"])
def test_a_folder_that_is_none_lists_everything(open_page: Open, home: Path, folder: str):
    put(home)
    page = open_page("vista_previa", path=PATH, folder=folder, page="999999", switch="99.-x")
    assert not page.exception
    assert len(names_of(page)) == 6  # the last page


def test_a_box_switches_a_folder_on_the_map_and_in_the_address(open_page: Open, home: Path):
    put(home)
    page = open_page("vista_previa", path=PATH)
    first = drawn(page)
    assert (first["kind"], first["colour"], first["hidden_folders"]) == ("kmz", {"kind": "own"}, [2])
    next(box for box in page.checkbox if box.label == "Dibujar Sur").check().run()
    assert page.query_params["switch"] == "2"
    assert drawn(page) == first | {"hidden_folders": []}
    next(box for box in page.checkbox if box.label == "Dibujar Norte").uncheck().run()
    assert page.query_params["switch"] == "2.-1"
    assert drawn(page)["hidden_folders"] == [1]
    again = open_page("vista_previa", path=PATH, switch="2.-1")
    assert drawn(again)["hidden_folders"] == [1]
    assert boxes(again)["Dibujar Norte"] is False


def test_images_lie_on_the_ground_while_their_folder_is_on(open_page: Open, home: Path):
    put(home, f"<Folder><name>NDVI</name>{overlay()}</Folder>{overlay('no.png')}", a=image())
    page = open_page("vista_previa", path=PATH)
    (laid,) = drawn(page)["overlays"]
    assert laid["image"] == f"/previews/{drawn(page)['source'].split('/')[0]}/image/0"
    assert laid["corners"] == [[-61, -33], [-60, -33], [-60, -34], [-61, -34]]
    next(box for box in page.checkbox if box.label == "Dibujar NDVI").uncheck().run()
    assert drawn(page)["overlays"] == []


def test_folders_open_and_close(open_page: Open, home: Path):
    put(home, f"<Folder><name>A</name><Folder><name>a</name>{placemark()}</Folder></Folder>")
    page = open_page("vista_previa", path=PATH)
    assert "Dibujar a" in boxes(page)
    next(button for button in page.button if button.label == "Cerrar A").click().run()
    assert "Dibujar a" not in boxes(page)
    next(button for button in page.button if button.label == "Abrir A").click().run()
    assert "Dibujar a" in boxes(page)


def test_thousands_of_folders_and_placemarks_are_few_widgets(open_page: Open, home: Path):
    put(home, "".join(f"<Folder><name>F{n}</name>{placemark() * 3}</Folder>" for n in range(2000)))
    page = open_page("vista_previa", path=PATH)
    assert not page.exception
    assert len(page.checkbox) == ROWS
    assert len(page.button) < 2 * ROWS
    assert len(rows_of(page)) == 25
    assert drawn(page)["hidden_folders"] == []
    page.button(key="kmz-rows-after").click().run()
    assert f"Dibujar F{ROWS - 1}" in boxes(page)


def test_an_upload_is_shown_and_its_address_leads_back_to_it(open_page: Open, home: Path):
    page = upload(open_page("vista_previa"), kmz({"doc.kml": kml(BODY)}))
    assert not page.exception
    assert len(names_of(page)) == 25
    token = page.query_params["preview"]
    assert [place.name for place in uploads_of(home).iterdir()] == [token]
    again = open_page("vista_previa", preview=token)
    assert len(names_of(again)) == 25
    assert page.run().query_params["preview"] == token  # it is not read anew on each run


def test_another_upload_takes_the_place_of_the_first_with_nothing_of_it(open_page: Open, home: Path):
    put(home)
    page = open_page("vista_previa", path=PATH, folder="2", switch="-1", page="2")
    upload(page, kml(placemark(name="Otro")), "otro.kml")
    assert set(page.query_params) == {"preview"}
    assert names_of(page) == ["Otro"]


@pytest.mark.parametrize("token", ["0" * 32, "../..", ""])
def test_an_address_that_leads_nowhere_any_more_says_so_and_offers_to_upload(open_page: Open, token: str):
    page = open_page("vista_previa", preview=token)
    assert not page.exception
    assert len(page.file_uploader) == 1
    assert len(page.error) == (1 if token else 0)
    if token == "0" * 32:
        assert "Esta vista previa venció" in page.error[0].value


def test_a_file_of_another_kind_is_refused_in_a_sentence(open_page: Open, home: Path):
    page = upload(open_page("vista_previa"), b"%PDF", "plano.pdf")
    assert "no es un KMZ ni un KML" in page.error[0].value.replace("\\", "")
    assert not uploads_of(home).exists()


def test_a_refusal_is_told_beside_what_was_looked_at_before(open_page: Open, home: Path):
    put(home)
    page = upload(open_page("vista_previa", path=PATH), b"no KML at all")
    assert len(page.error) == 1
    assert len(names_of(page)) == 25
    assert len(page.run().error) == 0
