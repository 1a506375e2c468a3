"""Two backups on one map: what differs, side by side, in turns; table and map together; the view stays; no network."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app.components.map_colours import CHANGE_COLOURS
from modules.changes.kinds import Kind
from modules.domain.crop_colours import crop_colour
from tests.browser.maps import wait_until_idle
from tests.browser.test_map import TILE_PX, TOLERANCE, mercator
from tests.chromium import open_page
from tests.dashboard import Dashboard, running_dashboard
from tests.faults.backups import store_of
from tests.pages.grids import write_grid
from tests.unit.changes.evolved import evolved_home
from tests.unit.snapshots.invented import outline

pytestmark = pytest.mark.browser

#: Where all fields are seen, under none of the controls: they lie in a row from -62 to -61.74 on 34° south.
VIEW = (-61.87, -34.02, 11.0)
#: Nothing but field 5, and how far from its label there is nothing but its colour.
NEAR = (-61.9, -34.0, 13.0)
BESIDE_PX = 20


def at(view: tuple[float, float, float]) -> str:
    return f"at={view[0]},{view[1]},{view[2]}"


AT = at(VIEW)
#: More than two turns of blinking.
SEVERAL_TURNS_MS = 2_500
#: So long the map tells nothing to the page after it has moved.
SETTLED_MS = 1_000
#: The table is drawn on a canvas: its rows are this high, the first of them is the heads.
ROW_PX = 35


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home = evolved_home(tmp_path_factory.mktemp("compared"))
    write_grid(home, farms=["La Escondida"], resolution=9)
    with running_dashboard(home) as dashboard:
        yield dashboard


@pytest.fixture
def before(dashboard: Dashboard) -> str:
    """The id of the backup that the newest one is compared with."""
    return store_of(dashboard.home).published()[1].id


def opened(page: Page, dashboard: Dashboard, query: str) -> Locator:
    page.goto(f"{dashboard.url}/mapa?{query}")
    return wait_until_idle(page)


def colour_at(drawn: Locator, field: int, view: tuple[float, float, float] = VIEW) -> tuple[int, ...]:
    """The colour in the middle of a field of the first backup, on a map that stands at a view."""
    stage = drawn.locator(".stage")
    picture = Image.open(io.BytesIO(stage.screenshot())).convert("RGB")
    middle = outline(field).representative_point()
    (x, y), (middle_x, middle_y) = mercator(middle.x, middle.y), mercator(view[0], view[1])
    scale = TILE_PX * 2 ** view[2]
    # Beside the label, which stands in the middle.
    place = (
        (x - middle_x) * scale + picture.width / 2,
        (y - middle_y) * scale + picture.height / 2 - (BESIDE_PX if view is NEAR else 0),
    )
    found = picture.getpixel((round(place[0]), round(place[1])))
    assert isinstance(found, tuple)
    return tuple(int(channel) for channel in found)


def is_colour(found: tuple[int, ...], colour: str) -> bool:
    wanted = np.array(list(bytes.fromhex(colour[1:])))
    return bool(np.abs(np.array(found) - wanted).max() <= TOLERANCE)


def view_of(page: Page) -> str:
    found = re.search(r"at=([^&]+)", page.url)
    assert found, page.url
    return found[1].replace("%2C", ",")


@pytest.mark.slow
def test_two_backups_lie_side_by_side_and_the_divider_moves_by_keys(page: Page, dashboard: Dashboard, before: str):
    drawn = opened(page, dashboard, f"vs={before}&mode=swipe&layers=lotes~100,lotes:b~100&{at(NEAR)}")
    page.get_by_role("button", name="Ocultar capas y leyenda").click()
    divider = page.get_by_role("separator", name="Divisor entre los dos lados")
    divider.press("End")
    expect(divider).to_have_attribute("aria-valuenow", "100")
    assert is_colour(colour_at(drawn, 5, NEAR), crop_colour("girasol"))
    divider.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    assert is_colour(colour_at(drawn, 5, NEAR), crop_colour("maíz"))
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "5")


@pytest.mark.slow
def test_what_differs_is_drawn_in_the_colours_of_its_legend(page: Page, dashboard: Dashboard, before: str):
    drawn = opened(page, dashboard, f"vs={before}&layers=cambios~100,-lotes~0&{AT}")
    legend = drawn.locator(".legend")
    for word in ("Nuevo", "Eliminado", "Movido", "Dividido", "Renombrado"):
        expect(legend.get_by_text(word, exact=True)).to_be_visible()
    page.get_by_role("button", name="Ocultar capas y leyenda").click()
    for field, change in {12: "agregado", 6: "eliminado", 2: "renombrado", 5: "atributos"}.items():
        assert is_colour(colour_at(drawn, field), CHANGE_COLOURS[Kind(change)]), change


@pytest.mark.thorough
@pytest.mark.slow
def test_two_backups_are_shown_in_turns(page: Page, dashboard: Dashboard, before: str):
    opened(page, dashboard, f"vs={before}&mode=blink&{AT}")
    told = page.get_by_text(re.compile("^Ahora: "))
    first = told.inner_text()
    expect(told).not_to_have_text(first)
    expect(told).to_have_text(first)
    page.get_by_role("button", name="Ver el otro").click()
    expect(page.get_by_role("button", name="Alternar solo")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.slow
def test_turns_wait_for_who_wants_no_motion(browser: Browser, dashboard: Dashboard, before: str):
    with open_page(browser, reduced_motion="reduce") as page:
        opened(page, dashboard, f"vs={before}&mode=blink&{AT}")
        told = page.get_by_text(re.compile("^Ahora: "))
        first = told.inner_text()
        page.wait_for_timeout(SEVERAL_TURNS_MS)
        expect(told).to_have_text(first)
        page.get_by_role("button", name="Ver el otro").click()
        expect(told).not_to_have_text(first)


@pytest.mark.slow
def test_a_row_of_the_table_selects_on_the_map_and_the_other_way_round(page: Page, dashboard: Dashboard):
    drawn = opened(page, dashboard, AT)
    bar = drawn.locator(".selection")
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + ROW_PX / 2, box["y"] + ROW_PX * 1.5)
    expect(page).to_have_url(re.compile("sel=L000001"))
    expect(bar).to_contain_text("Selección: 1 · 26,5 ha")
    expect(page.get_by_text(re.compile(r"Selección: 1 lote · 26,5 ha"))).to_be_visible()
    bar.get_by_role("button", name="Limpiar").click()
    expect(page).not_to_have_url(re.compile("sel="))
    expect(ticked(page)).to_have_count(0)
    wait_until_idle(page)
    drawn.scroll_into_view_if_needed()
    stage = drawn.locator(".stage").bounding_box()
    assert stage
    (x, y), (middle_x, middle_y) = mercator(*outline(7).centroid.coords[0]), mercator(VIEW[0], VIEW[1])
    scale = TILE_PX * 2 ** VIEW[2]
    page.keyboard.down("Control")
    page.mouse.click(
        stage["x"] + stage["width"] / 2 + (x - middle_x) * scale,
        stage["y"] + stage["height"] / 2 + (y - middle_y) * scale,
    )
    page.keyboard.up("Control")
    expect(page).to_have_url(re.compile("sel=L000007"))
    expect(ticked(page)).to_have_count(1)
    expect(ticked(page)).to_contain_text("El Ñandú")
    page.get_by_role("button", name="Quitar la selección").click()
    expect(bar).to_be_hidden()
    expect(ticked(page)).to_have_count(0)


def ticked(page: Page) -> Locator:
    """The ticked rows, of the table that is read out."""
    return page.get_by_test_id("data-grid-canvas").locator("[role=row][aria-selected=true]")


@pytest.mark.thorough
@pytest.mark.slow
def test_another_colour_filter_or_comparison_leaves_the_view_alone(page: Page, dashboard: Dashboard, before: str):
    opened(page, dashboard, AT)
    page.get_by_role("button", name="Acercar").click()
    wait_until_idle(page)
    page.wait_for_timeout(SETTLED_MS)
    view = view_of(page)
    assert not view.endswith(",11.00")
    canvas = page.locator("canvas.maplibregl-canvas").first.element_handle()
    choose(page, "Colorear por", "Hectáreas")
    expect(page).to_have_url(re.compile("by=superficie_geodesica_ha"))
    choose(page, "Comparar con", re.compile("12 lotes"))
    expect(page).to_have_url(re.compile(f"vs={before}"))
    page.get_by_role("radio", name="Lado a lado").click()
    expect(page.get_by_role("separator")).to_be_visible()
    wait_until_idle(page)
    page.wait_for_timeout(SETTLED_MS)
    assert view_of(page) == view
    assert canvas.evaluate("element => element.isConnected")


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).first.click()


@pytest.mark.slow
def test_without_a_network_nothing_is_missing_but_a_basemap(page: Page, dashboard: Dashboard, before: str):
    outside: list[str] = []
    failed: list[str] = []

    def only_loopback(route: Route) -> None:
        if route.request.url.startswith((dashboard.url, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort("internetdisconnected")

    page.context.route("**/*", only_loopback)
    page.on(
        "requestfailed",
        lambda request: None if request.failure == "net::ERR_ABORTED" else failed.append(request.url),
    )
    # Streamlit looks for its own parts below a page's address first, and finds them above it then.
    page.on(
        "response",
        lambda answer: failed.append(answer.url) if answer.status >= 400 and "/_stcore/" not in answer.url else None,
    )
    everything = "layers=celdas~50,marcadores~100,ambientes~60,lotes~60,zonas~50"
    for query in (everything, f"vs={before}", f"vs={before}&mode=swipe", "farm=C0&by=campo"):
        opened(page, dashboard, query)
    page.get_by_role("combobox", name="Buscar lote, cultivo o campo").fill("escondida")
    page.locator(".found [role=option]").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("La Escondida")
    assert (outside, failed) == ([], [])
    page.get_by_label("Fondo").select_option("osm")
    expect(page.get_by_text("No se puede acceder ahora al fondo “OpenStreetMap”.")).to_be_visible()
    assert outside
    assert all("openstreetmap" in address for address in outside)
    wait_until_idle(page)


@pytest.mark.slow
def test_f34_no_table_offers_a_csv_of_its_own(page: Page, dashboard: Dashboard):
    """Streamlit's would let a name that begins with = be a formula, in English."""
    opened(page, dashboard, AT)
    page.get_by_test_id("stDataFrame").hover()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)
