"""A KMZ over the map: chosen or dropped in the dialog, gone to, in its own colours, kept by the link, taken off."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from modules.environments import Environment
from modules.storage.roots import Folder, root_of
from tests.browser.maps import home_with_fields, wait_until_idle
from tests.dashboard import Dashboard, running_dashboard
from tests.unit.kmz_reading.made_up import kml, kmz, placemark, polygon

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: Far from all fields, which lie in the pampas.
ELSEWHERE = "-70,-50 -69.8,-50 -69.8,-49.8 -70,-49.8 -70,-50"
GREEN = "<Style><PolyStyle><color>ff00ff00</color></PolyStyle></Style>"
DOCUMENT = kml(placemark(GREEN + polygon(ELSEWHERE), "Vecino"))
#: Takes seconds to read, and hardly any to draw.
LARGE = kml(
    placemark(GREEN + polygon(ELSEWHERE), "Vecino")
    + placemark("<Point><coordinates>-69.99,-49.99</coordinates></Point>") * 30_000
)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home = tmp_path_factory.mktemp("kmz") / "home"
    home_with_fields(home, 30)
    folder = root_of(home, Environment.TEST) / Folder.KMZ_BY_FARM
    folder.mkdir()
    (folder / "vecino.kmz").write_bytes(kmz({"doc.kml": DOCUMENT}))
    (folder / "grande.kml").write_bytes(LARGE)
    with running_dashboard(home) as dashboard:
        yield dashboard


def dashboard_file(dashboard: Dashboard, name: str) -> Path:
    return root_of(dashboard.home, Environment.TEST) / Folder.KMZ_BY_FARM / name


def middle_of_the_map(page: Page) -> tuple[int, ...]:
    """The colour in the middle of the map."""
    canvas = wait_until_idle(page).locator("canvas").first
    box = canvas.bounding_box()
    assert box is not None
    # The panel covers the left: what is gone to lies in the middle of the rest, and is large.
    at = {"x": box["x"] + box["width"] * 0.6, "y": box["y"] + box["height"] / 2, "width": 1, "height": 1}
    found = Image.open(io.BytesIO(page.screenshot(clip=at))).convert("RGB").getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


def test_a_kmz_of_ours_is_laid_over_the_map_kept_by_its_link_and_taken_off(dashboard: Dashboard, page: Page):
    page.goto(f"{dashboard.url}/mapa")
    wait_until_idle(page)
    page.get_by_role("button", name="KMZ", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").nth(1).click()
    page.get_by_role("option", name="vecino.kmz").click()
    dialog.get_by_role("button", name="Ponerlo sobre el mapa").click()
    page.wait_for_url("**kmz=*at=-69*")
    expect(dialog).to_have_count(0)
    assert middle_of_the_map(page) == (0, 255, 0)
    page.reload()
    assert middle_of_the_map(page) == (0, 255, 0)
    page.get_by_role("button", name="KMZ (1)").click()
    page.get_by_role("dialog").get_by_role("button", name="Sacar del mapa").click()
    expect(page.get_by_role("button", name="KMZ", exact=True)).to_be_visible()
    assert "kmz=" not in page.url
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Capas").get_by_text("vecino.kmz")).to_have_count(0)
    assert middle_of_the_map(page) != (0, 255, 0)


def test_a_dropped_kml_is_laid_over_the_map_beside_a_link_that_leads_nowhere(
    dashboard: Dashboard, page: Page, tmp_path: Path
):
    file = tmp_path / "vecino.kml"
    file.write_bytes(DOCUMENT)
    page.goto(f"{dashboard.url}/mapa?kmz=KMZ%20POR%20CAMPO/no-hay.kmz")
    wait_until_idle(page)
    expect(page.get_by_text("No hay ningún archivo “no-hay.kmz” acá.")).to_be_visible()
    page.get_by_role("button", name="KMZ", exact=True).click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(file)
    page.wait_for_url("**kmz=*kmz=*at=-69*")
    assert middle_of_the_map(page) == (0, 255, 0)
    page.get_by_role("button", name="Quitarlo").click()
    page.wait_for_function("location.search.split('kmz=').length === 2")
    expect(page.get_by_role("region", name="Capas").get_by_text("vecino.kml")).to_be_visible()
    legend = page.get_by_role("region", name="Leyenda")
    expect(legend.get_by_role("list", name="vecino.kml")).to_have_text("Con sus propios colores")


@pytest.mark.thorough
def test_the_map_does_not_wait_for_a_large_kmz_which_comes_once_it_is_read(dashboard: Dashboard, page: Page):
    page.goto(f"{dashboard.url}/mapa?kmz=KMZ%20POR%20CAMPO/grande.kml")
    expect(page.get_by_text("Leyendo el archivo …")).to_be_visible()
    expect(page.get_by_role("button", name="KMZ", exact=True)).to_be_visible()
    wait_until_idle(page)
    expect(page.get_by_role("button", name="KMZ (1)")).to_be_visible()
    expect(page.get_by_text("Leyendo el archivo …")).to_have_count(0)
    page.wait_for_url("**at=-69*")
    assert middle_of_the_map(page) == (0, 255, 0)


@pytest.mark.thorough
def test_a_link_shows_what_it_showed_however_long_its_kmz_takes_to_read(dashboard: Dashboard, page: Page):
    kmz = dashboard_file(dashboard, "grande.kml")
    os.utime(kmz)  # as if it had been made again: it is read anew
    page.goto(f"{dashboard.url}/mapa?kmz=KMZ%20POR%20CAMPO/grande.kml&at=-62.00000,-34.00000,9.00")
    expect(page.get_by_text("Leyendo el archivo …")).to_be_visible()
    expect(page.get_by_role("button", name="KMZ (1)")).to_be_visible()
    wait_until_idle(page)
    assert "at=-62.00000,-34.00000,9.00" in unquote(page.url)
    page.get_by_role("checkbox", name="grande.kml").uncheck()
    page.wait_for_url("**layers=-kmz*")
    os.utime(kmz)
    page.reload()
    expect(page.get_by_text("Leyendo el archivo …")).to_be_visible()
    expect(page.get_by_role("button", name="KMZ (1)")).to_be_visible()
    wait_until_idle(page)
    expect(page.get_by_role("checkbox", name="grande.kml")).not_to_be_checked()
    assert "at=-62.00000,-34.00000,9.00" in unquote(page.url)
