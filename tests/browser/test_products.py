"""What is made from a backup: chosen in its form, watched, and looked at when it is done."""

import re
from io import BytesIO

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from app.services.backups import basis
from modules.domain.farm import Farm
from modules.domain.season import Season
from modules.environments import Environment
from modules.i18n.formats import number
from tests.browser.test_whole_path import run_shown
from tests.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture(scope="module")
def farm(stack: Stack) -> Farm:
    """A farm of the newest backup."""
    assert stack.command("backup", "--json").returncode == 0
    return basis(stack.home, Environment.TEST, Season.current()).choices.farms[0]


def open_form(page: Page, stack: Stack, button: str) -> Locator:
    page.goto(stack.url)
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Ejecutar ahora")).to_be_enabled()
    expect(dialog.get_by_text("Se hace a partir del respaldo de hoy")).to_be_visible()
    return dialog


def choose(page: Page, dialog: Locator, control: str, option: str) -> None:
    dialog.get_by_role("combobox", name=control).click()
    page.get_by_role("option", name=option, exact=True).click()
    if page.get_by_role("listbox").count():  # a choice of several stays open
        page.keyboard.press("Escape")


def run(page: Page, dialog: Locator) -> None:
    dialog.get_by_role("button", name="Ejecutar ahora").click()
    run_shown(page)
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()


@pytest.mark.slow
def test_kmz_of_a_chosen_farm_are_made_and_told_folder_by_folder(page: Page, stack: Stack, farm: Farm):
    dialog = open_form(page, stack, "Generar KMZ")
    choose(page, dialog, "Campos", farm.name)
    run(page, dialog)

    expect(page.get_by_role("heading", name=re.compile("^Generar KMZ · .* · PRUEBA$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"● Escritura \d+/\d+ archivos"))).to_be_visible()
    folders = page.locator(".st-key-table-products").get_by_test_id("stHorizontalBlock")
    expect(folders.filter(has_text="KMZ POR CAMPO")).to_have_text(re.compile(r"KMZ POR CAMPO\s*1\s*\d.* lotes, "))
    expect(page.get_by_text("Hecho a partir del respaldo:")).to_be_visible()

    page.get_by_role("button", name="Repetir").click()
    expect(page.get_by_role("dialog").get_by_text(farm.name)).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".st-key-table-products").get_by_role("link", name="KMZ POR CAMPO").click()
    expect(page.get_by_text(re.compile(rf"^{re.escape(farm.name)} · \d\d/\d\d$"))).to_be_visible()


@pytest.mark.thorough
@pytest.mark.slow
def test_a_grid_of_a_chosen_farm_is_made_and_its_files_can_be_had(page: Page, stack: Stack, farm: Farm):
    dialog = open_form(page, stack, "Grilla H3")
    choose(page, dialog, "Campos", farm.name)
    choose(page, dialog, "Resolución", "9 · celdas de unas 8 ha")
    run(page, dialog)

    expect(page.get_by_role("heading", name=re.compile("^Grilla H3 · .* · PRUEBA$"))).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"^Grilla terminada: \d+ lotes? en [\d.]+ celdas de resolución 9"))
    ).to_be_visible()
    row = page.get_by_test_id("stHorizontalBlock").filter(has_text=re.compile(r"^lotes .* res 9\.parquet"))
    with page.expect_download() as download:
        row.get_by_role("link", name="Descargar").click()
    table = pq.read_table(BytesIO(download.value.path().read_bytes()))
    assert set(table["campo"].to_pylist()) == {farm.name}
    mean_ha = number(np.mean(table["celda_ha"].to_numpy()), 2)
    expect(page.get_by_test_id("stTable")).to_contain_text(f"{mean_ha} ha")

    dialog = open_form(page, stack, "Grilla H3")
    expect(dialog.get_by_text(re.compile(r"^Valores de la última corrida \(.*, hoy .*\)\.$"))).to_be_visible()
    expect(dialog.get_by_text(farm.name)).to_be_visible()
    dialog.get_by_role("button", name="Empezar de cero").click()
    expect(dialog.get_by_text("Valores de la última corrida")).to_have_count(0)
    expect(dialog.get_by_text(farm.name)).to_have_count(0)
    expect(dialog.get_by_role("combobox", name="Resolución")).to_have_value("Propuesta")
    dialog.get_by_role("button", name="Ejecutar ahora").click()
    run_shown(page)
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()
    expect(page.get_by_test_id("stTable")).to_contain_text("(propuesta)")
