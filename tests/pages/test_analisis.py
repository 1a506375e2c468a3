"""Analysis: a grid with its figures, chosen by the address, and what is said where there is none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.components import grid_choice
from modules.environments import Environment
from modules.h3_grid.result import GridResult
from modules.i18n import use_language
from modules.i18n.formats import number
from modules.storage.roots import Folder, root_of
from tests.pages.conftest import words_of
from tests.pages.grids import write_grid

Open = Callable[..., AppTest]
TABLES = ("by cell", "by farm", "by crop")


@pytest.fixture
def grid(home: Path, twelve: Path) -> GridResult:
    shutil.copytree(twelve, home, dirs_exist_ok=True)
    return write_grid(home)


def layers_of(page: AppTest) -> list[dict[str, Any]]:
    (chart,) = page.get("deck_gl_json_chart")
    layers: list[dict[str, Any]] = json.loads(chart.proto.json)["layers"]
    return layers


def cells_of(page: AppTest) -> list[dict[str, Any]]:
    return [cell for layer in layers_of(page) for cell in layer["data"]]


def test_without_a_grid_the_first_step_is_told_and_the_form_is_offered(open_page: Open):
    page = open_page("analisis")
    assert "Todavía no hay ninguna grilla" in words_of(page)
    assert page.button(key="make-grid").label == "Armar una grilla"
    page.button(key="make-grid").click().run()
    assert not page.exception


def test_production_that_is_not_connected_says_so(open_page: Open):
    page = open_page("analisis", env="production")
    assert "no se pueden ver sus grillas" in words_of(page)
    assert not page.button


def test_a_grid_is_summed_up_and_all_of_its_cells_are_drawn(open_page: Open, grid: GridResult):
    page = open_page("analisis")
    assert not page.exception
    assert "12 lotes · 318 ha · 12 muestreos" in words_of(page).replace("\\", "")
    assert len(cells_of(page)) == grid.cells
    assert sum(cell["v"] for cell in cells_of(page)) == pytest.approx(grid.hectares, abs=1e-4 * grid.cells)
    assert "La Escondida" in "".join(cell["t"] for cell in cells_of(page))


def test_the_map_asks_nothing_of_the_network(open_page: Open, grid: GridResult):
    (chart,) = open_page("analisis").get("deck_gl_json_chart")
    assert "http" not in chart.proto.json
    # This is how the frontend is told to draw no map below; anything else makes it fetch one.
    assert json.loads(chart.proto.json)["mapStyle"] == "__MAP_STYLE__"


@pytest.mark.parametrize("table", range(3), ids=TABLES)
def test_every_table_adds_up_to_the_hectares_of_the_grid(open_page: Open, grid: GridResult, table: int):
    page = open_page("analisis")
    shown = page.dataframe[table].value
    assert shown["superficie_ha"].sum() == pytest.approx(grid.hectares, abs=0.005 * len(shown))
    assert shown["muestreos"].sum() == grid.samples
    told = [text.value for text in page.text if text.value.startswith("Suma de ")][table]
    with use_language("es"):
        assert told == f"Suma de {len(shown)} filas: {number(grid.hectares, 1)} ha, 12 muestreos."


def test_the_address_chooses_figure_crop_resolution_and_flatness(open_page: Open, grid: GridResult):
    page = open_page("analisis", figure="share", crop="trigo", res="8", flat="1")
    assert all(not layer["extruded"] for layer in layers_of(page))
    assert all(0 <= cell["v"] <= 1 for cell in cells_of(page))
    assert len(cells_of(page)) < grid.cells
    assert set(page.dataframe[0].value["cultivo"]) == {"trigo"}
    assert page.selectbox(key="analysis-crop").value == "trigo"
    assert page.selectbox(key="analysis-res").value == 8


def test_what_is_chosen_stands_in_the_address(open_page: Open, grid: GridResult):
    page = open_page("analisis")
    page.selectbox(key="analysis-res").set_value(7).run()
    page.toggle(key="analysis-columns").set_value(False).run()
    assert page.query_params["res"] == "7"
    assert page.query_params["flat"] == "1"
    assert not page.exception


@pytest.mark.parametrize(
    "params", [{"res": "99"}, {"res": "x"}, {"figure": "none"}, {"figure": "share", "crop": "x"}, {"farm": "x"}]
)
def test_nonsense_in_the_address_shows_the_usual(open_page: Open, grid: GridResult, params: dict[str, str]):
    page = open_page("analisis", **params)
    assert not page.exception
    assert len(cells_of(page)) == grid.cells


def test_the_newest_grid_is_shown_and_another_one_can_be_chosen(open_page: Open, home: Path, grid: GridResult):
    some = write_grid(home, farms=["El Ñandú"], crops=["soja"], resolution=10)
    page = open_page("analisis")
    assert page.selectbox(key="analysis-grid").options[0].startswith("25/26 · El Ñandú · soja · resolución 10 · hoy")
    assert page.selectbox(key="analysis-grid").options[1].startswith("25/26 · todos los campos · resolución 9 · hoy")
    assert len(cells_of(page)) == some.cells
    page = open_page("analisis", grid=grid.files[0]["name"])
    assert len(cells_of(page)) == grid.cells


def test_a_link_to_a_grid_that_is_gone_shows_the_newest_and_says_so(open_page: Open, grid: GridResult):
    page = open_page("analisis", grid="../lotes 20-21 res 9.parquet")
    assert "ya no está" in page.warning[0].value
    assert len(cells_of(page)) == grid.cells


def test_a_grid_that_cannot_be_read_is_told_so_and_others_can_be_chosen(open_page: Open, home: Path, grid: GridResult):
    (root_of(home, Environment.TEST) / Folder.H3 / "lotes 24-25 res 9.parquet").write_bytes(b"PAR1")
    page = open_page("analisis")
    assert not page.exception
    assert "no se puede leer" in page.error[0].value
    assert page.button(key="make-grid").label == "Armar otra grilla"
    page.selectbox(key="analysis-grid").set_value(grid.files[0]["name"]).run()
    assert len(cells_of(page)) == grid.cells


def test_a_grid_with_more_cells_than_a_page_shows_begins_with_a_coarser_one(
    open_page: Open, grid: GridResult, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grid_choice, "USUAL_CELLS", grid.cells - 1)
    page = open_page("analisis")
    assert page.selectbox(key="analysis-res").value == 8
    assert page.selectbox(key="analysis-res").options[0].startswith("9 · ")
    monkeypatch.setattr(grid_choice, "MOST_CELLS", grid.cells - 1)
    page = open_page("analisis", res="9")
    assert page.selectbox(key="analysis-res").options[0].startswith("8 · ")


def test_a_grid_made_again_is_read_again(open_page: Open, home: Path, grid: GridResult):
    open_page("analisis")
    path = root_of(home, Environment.TEST) / Folder.H3 / grid.files[0]["name"]
    some = write_grid(home, crops=["soja"])
    path.write_bytes((path.parent / some.files[0]["name"]).read_bytes())
    assert len(cells_of(open_page("analisis", grid=path.name))) == some.cells


def test_a_farm_is_brought_near(open_page: Open, grid: GridResult):
    def zoom(**params: str) -> float:
        (chart,) = open_page("analisis", **params).get("deck_gl_json_chart")
        return float(json.loads(chart.proto.json)["initialViewState"]["zoom"])

    assert zoom(farm="San José") >= zoom(farm="*")
    assert len(cells_of(open_page("analisis", farm="San José"))) == grid.cells
