"""Forms of what is made from a backup: they offer what it holds, and say so where there is none."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from modules.domain.season import Season
from modules.environments import Environment
from modules.storage.roots import Folder
from modules.storage.sentinels import mark_production
from tests.faults.backups import SEASON, back_up, settings_of
from tests.pages.conftest import words_of
from tests.unit.snapshots.invented import source_of

KMZ, GRID, BACKUP = "Generar KMZ", "Grilla H3", "Backup Databaler Lotes"
OF_SEASON = {"campania": str(SEASON)}
FARMS = ["C1", "C0", "C2"]  # El Ñandú, La Escondida, San José


def drawn(flow: str, values: dict[str, object]) -> None:
    from tests.pages.forms import draw

    draw(flow, values)


def drawn_again(values: dict[str, object]) -> None:
    from tests.pages.forms import draw
    from tests.pages.test_words import RUN

    draw("Grilla H3", values, RUN)


def open_form(flow: str, **values: Any) -> AppTest:
    page = AppTest.from_function(drawn, default_timeout=30, args=(flow, values)).run()
    assert not page.exception
    return page


@pytest.fixture
def backed_up(home: Path, twelve: Path) -> Path:
    shutil.copytree(twelve, home, dirs_exist_ok=True)
    return home


def said(page: AppTest) -> str:
    """All that a page says, as people read it."""
    return words_of(page).replace("\\", "").replace("\u2060", "")


def choice(page: AppTest, name: str) -> Any:
    return page.multiselect(key=f"run-form-field-{name}")


@pytest.mark.parametrize("flow", [KMZ, GRID])
@pytest.mark.usefixtures("home")
def test_without_a_backup_the_form_says_so_and_does_not_run(flow: str):
    page = open_form(flow)
    assert f"Todavía no hay un respaldo de la campaña {Season.current()}, y esto se hace" in said(page)
    assert page.button(key="run-now").disabled


@pytest.mark.parametrize("flow", [KMZ, GRID])
@pytest.mark.usefixtures("backed_up")
def test_farms_and_crops_are_those_of_the_backup_while_the_portal_is_down(flow: str):
    page = open_form(flow, **OF_SEASON)
    assert choice(page, "campos").options == ["El Ñandú", "La Escondida", "San José"]
    assert choice(page, "campos").placeholder == "Todos los campos"
    assert choice(page, "cultivos").options == ["maíz", "soja", "trigo", "sin cultivo"]
    assert choice(page, "cultivos").placeholder == "Todos los cultivos"
    assert "12 lotes" in page.caption[0].value
    assert not page.button(key="run-now").disabled


@pytest.mark.parametrize("flow", [KMZ, GRID])
def test_crops_are_those_of_the_chosen_farms(home: Path, flow: str):
    back_up(settings_of(home), source_of(2))  # soja in La Escondida, maíz in El Ñandú
    page = open_form(flow, **OF_SEASON, campos=["El Ñandú"], cultivos=["soja"])
    assert choice(page, "cultivos").options == ["maíz", "soja (no en estos campos)"]
    choice(page, "campos").set_value(["C0"]).run()
    assert choice(page, "cultivos").options == ["soja"]
    choice(page, "campos").set_value([]).run()
    assert choice(page, "cultivos").options == ["maíz", "soja"]


@pytest.mark.usefixtures("backed_up")
def test_another_season_offers_what_its_own_backup_holds():
    page = open_form(GRID)
    assert page.button(key="run-now").disabled
    season = page.selectbox(key="run-form-field-campania")
    season.set_value(str(SEASON)).run()
    assert choice(page, "campos").options == ["El Ñandú", "La Escondida", "San José"]
    assert not page.button(key="run-now").disabled


@pytest.mark.usefixtures("backed_up")
def test_a_repeated_run_keeps_its_values_also_a_farm_that_is_gone():
    page = open_form(
        KMZ, **OF_SEASON, campos=["C1", "C9"], cultivos=["soja"], productos=["KMZ POR LOTE"], etiquetas="nada"
    )
    assert choice(page, "campos").value == ["C1", "C9"]
    assert choice(page, "campos").options[-1] == "C9 (ya no está)"
    assert choice(page, "cultivos").value == ["soja"]
    assert page.button_group(key="run-form-field-productos").value == ["KMZ POR LOTE"]
    assert page.button_group(key="run-form-field-etiquetas").value == "nada"


@pytest.mark.usefixtures("backed_up")
def test_farms_that_a_command_named_are_found_by_their_names():
    assert choice(open_form(GRID, **OF_SEASON, campos=["San José"]), "campos").value == ["C2"]


@pytest.mark.usefixtures("backed_up")
def test_values_of_somebody_elses_run_are_told_and_can_be_left():
    values = OF_SEASON | {"campos": ["C1"], "resolucion": 9}
    page = AppTest.from_function(drawn_again, default_timeout=30, args=(values,)).run()
    assert "Valores de la última corrida (Ana, lun 23/11/2020 14:02)." in said(page)
    assert (choice(page, "campos").value, page.selectbox(key="run-form-field-resolucion").value) == (["C1"], 9)
    page.button(key="from-scratch").click().run()
    assert not page.exception
    assert "última corrida" not in said(page)
    assert page.selectbox(key="run-form-field-campania-anew").value == ""
    assert page.selectbox(key="run-form-field-resolucion-anew").value == 0
    page.selectbox(key="run-form-field-campania-anew").set_value(str(SEASON)).run()
    assert choice(page, "campos-anew").value == []
    assert choice(page, "campos-anew").options == ["El Ñandú", "La Escondida", "San José"]
    assert not page.button(key="run-now").disabled


@pytest.mark.usefixtures("backed_up")
def test_a_last_run_of_the_usual_values_and_a_repeated_one_say_nothing():
    assert "última corrida" not in said(AppTest.from_function(drawn_again, default_timeout=30, args=({},)).run())
    assert "última corrida" not in said(open_form(GRID, **OF_SEASON, campos=["C1"]))


@pytest.mark.usefixtures("backed_up")
def test_a_form_for_kmz_wants_at_least_one_product():
    page = open_form(KMZ, **OF_SEASON)
    products = page.button_group(key="run-form-field-productos")
    products.set_value([]).run()
    assert page.button(key="run-now").disabled


@pytest.mark.usefixtures("backed_up")
def test_a_resolution_reads_as_the_size_of_its_cells():
    page = open_form(GRID, **OF_SEASON)
    resolution = page.selectbox(key="run-form-field-resolucion")
    assert resolution.value == 0
    assert resolution.options[0] == "Propuesta"
    assert resolution.options[5] == "9 · celdas de unas 8 ha"


def test_some_farms_are_enough_for_a_grid_of_theirs_and_not_for_kmz(home: Path):
    back_up(settings_of(home), source_of(12), farms=["C1"])
    assert "los KMZ se generan de todos" in said(open_form(KMZ, **OF_SEASON))
    page = open_form(GRID, **OF_SEASON)
    assert page.button(key="run-now").disabled
    choice(page, "campos").set_value(["C1"]).run()
    assert not page.button(key="run-now").disabled


@pytest.mark.usefixtures("home")
def test_production_folders_that_are_not_connected_are_told_so():
    page = open_form(KMZ, test=False)
    assert "Las carpetas de producción no están conectadas" in said(page)


@pytest.mark.parametrize(
    ("flow", "values", "told"),
    [
        (KMZ, {}, "Se reemplazan todos los KMZ de la campaña 25/26 en KMZ POR CAMPO, KMZ POR CULTIVO CAMPO"),
        (KMZ, {"campos": ["C1"]}, "los KMZ de los campos y cultivos elegidos en KMZ POR CAMPO"),
        (KMZ, {"productos": ["KMZ POR LOTE", "MAPA HTML"]}, "todos los KMZ de la campaña 25/26 en KMZ POR LOTE; los"),
        (KMZ, {"productos": ["MAPA HTML"]}, "En MAPA HTML se reemplaza el mapa HTML de esta elección de la campaña"),
        (GRID, {}, "Se escribe una grilla en H3. Si ya hay una de la misma campaña, campos, cultivos y resolución"),
    ],
)
def test_production_is_asked_for_with_what_is_replaced(home: Path, flow: str, values: dict[str, Any], told: str):
    for folder in Folder:
        mark_production(home, folder)
    back_up(settings_of(home), source_of(12), environment=Environment.PRODUCTION)
    page = open_form(flow, **OF_SEASON, **values, test=False)
    page.button(key="continue").click().run()
    asked = said(page)
    assert told in asked
    assert "Campos: " + ("El Ñandú" if "campos" in values else "Todos los campos") in asked
    assert ("mapa HTML de esta elección" in asked) is ("MAPA HTML" in values.get("productos", ()))
    assert ("los KMZ de" in asked) is (flow == KMZ and values.get("productos") != ["MAPA HTML"])
    assert "Se agrega un respaldo" not in asked
    if flow == KMZ:
        assert "Nombres para terminales: Sí" in asked
        assert "Productor: –" in asked
    else:
        assert "Resolución: Propuesta" in asked
