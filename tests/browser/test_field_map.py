"""The map in a real browser, on tiles over real HTTP: what a reader does, and what the page hears of it."""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from modules.settings import PROJECT
from tests.browser.axe import serious
from tests.browser.field_map_app import farm
from tests.chromium import open_page
from tests.dashboard import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser

START_S = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The test application with the map alone."""
    port = free_port()
    log = tmp_path_factory.mktemp("field-map") / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/field_map_app/server.py"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--server.port", str(port)], cwd=PROJECT, stdout=output, stderr=output)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  (our own address)
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(log.read_text())


def open_map(page: Page, address: str) -> Locator:
    page.goto(address)
    return drawn(page)


def drawn(page: Page) -> Locator:
    root = page.locator(".field-map")
    expect(root).to_have_attribute("data-state", "idle")
    return root


def at(page: Page, field: int) -> tuple[float, float]:
    """Tell where on the page the middle of a field is, of a map that shows all of them."""
    box = page.locator(".stage").bounding_box()
    assert box
    longitude, latitude, zoom = map(float, re.findall(r"-?\d+\.\d+", page.url.split("at=")[1].split("&")[0]))
    shape = farm.fields()[field].shape.representative_point()
    scale = 512 * 2**zoom / 360
    x = (shape.x - longitude) * scale
    # Near enough for fields: mercator is locally as stretched as the latitude tells.
    y = (latitude - shape.y) * scale / math.cos(math.radians((latitude + shape.y) / 2))
    return box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y


def settled(page: Page) -> None:
    expect(page).to_have_url(re.compile("at="))


def told(page: Page, **wanted: Any) -> None:
    """Wait until the page was told so."""
    for name, value in wanted.items():
        text = json.dumps({name: value}, ensure_ascii=False)[1:-1]
        expect(page.get_by_text("state {")).to_contain_text(text)


def colour(page: Page, place: tuple[float, float]) -> tuple[int, ...]:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    found = picture.getpixel((round(place[0]), round(place[1])))
    assert isinstance(found, tuple)
    return tuple(int(channel) for channel in found)


@pytest.mark.slow
def test_a_field_is_found_told_and_linked(page: Page, site: str):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    outside: list[str] = []
    page.on("request", lambda request: None if _is_inside(request.url, site) else outside.append(request.url))
    open_map(page, site)
    search = page.get_by_role("combobox", name="Buscar")
    search.fill("esperanza")
    expect(page.locator(".found [role=option]")).to_have_count(1)
    search.press("ArrowDown")
    search.press("Enter")
    card = page.get_by_role("dialog")
    expect(card.get_by_role("heading", name=farm.LONG)).to_be_visible()
    expect(card.get_by_text("<b>texto</b>, no HTML")).to_be_visible()
    expect(card.get_by_role("cell", name="24/25")).to_be_visible()
    expect(card.get_by_role("link")).to_have_text(["Bajar KMZ"])
    told(page, selection=["f40"])
    drawn(page)
    card.get_by_role("button", name="Copiar enlace").click()
    expect(page.get_by_text("event copy-link f40")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    expect(page).to_have_url(link)
    card.get_by_role("button", name="Ver en la tabla").click()
    expect(page.get_by_text("event show-in-table f40")).to_be_visible()
    page.goto("about:blank")
    open_map(page, link)
    expect(page).to_have_url(link)
    assert outside == []


@pytest.mark.thorough
@pytest.mark.slow
def test_only_what_can_be_selected_is_shown_in_the_table_and_chosen_by_a_link(page: Page, site: str):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_map(page, f"{site}?more=1&sel=f7")
    settled(page)
    card = page.get_by_role("dialog")
    page.mouse.click(*at(page, 17))
    expect(card.get_by_role("button", name="Ver en la tabla")).to_be_visible()
    page.mouse.click(*at(page, 20))
    expect(card.get_by_role("heading", name="Muestra 4")).to_be_visible()
    expect(card.get_by_role("button", name="Copiar enlace")).to_be_visible()
    expect(card.get_by_role("button", name="Ver en la tabla")).to_be_hidden()
    card.get_by_role("button", name="Copiar enlace").click()
    expect(page.get_by_text("event copy-link mf20")).to_be_visible()
    assert "sel=f7&" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Focus").click()
    card.get_by_role("button", name="Copiar enlace").click()
    expect(page.get_by_text("event copy-link f40")).to_be_visible()
    assert "sel=f40&" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.thorough
@pytest.mark.slow
def test_where_nothing_can_be_copied_the_link_stays_to_be_copied_by_hand(page: Page, site: str):
    # As a browser has it where the page does not come by HTTPS.
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.clock.install()
    open_map(page, site)
    settled(page)
    page.mouse.click(*at(page, 12))
    page.get_by_role("dialog").get_by_role("button", name="Copiar enlace").click()
    link = page.get_by_role("textbox", name="Para copiar a mano")
    expect(link).to_be_focused()
    expect(link).to_have_value(page.url)
    assert page.evaluate("getSelection().toString()") == page.url
    page.clock.fast_forward(60_000)
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(page.get_by_role("dialog").get_by_role("button", name="Copiar enlace")).to_be_focused()
    page.get_by_role("button", name="Coordenadas").click()
    place = re.compile(r"^-34\.\d{5}, -6[12]\.\d{5}$")
    page.get_by_role("button", name=place).click()
    expect(link).to_have_value(place)


@pytest.mark.thorough
@pytest.mark.slow
def test_another_language_is_the_whole_map_in_it(page: Page, site: str):
    root = open_map(page, site)
    page.get_by_role("button", name="Acercar").click()
    settled(page)
    drawn(page)
    page.wait_for_timeout(600)
    view = page.url
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    expect(root).to_have_count(1)
    expect(root).to_have_attribute("lang", "en")
    drawn(page)
    page.wait_for_timeout(600)
    assert page.url == view


@pytest.mark.thorough
@pytest.mark.slow
def test_what_is_merged_is_told_and_not_selected(page: Page, site: str):
    open_map(page, f"{site}?snapshot=merged&at=-62.08600,-34.58600,13.00")
    settled(page)
    bar = page.locator(".selection")
    small = "4 lotes son demasiado pequeños a esta escala para seleccionarlos: acercar."
    page.mouse.click(*at(page, 12))
    expect(page.get_by_role("dialog")).to_contain_text("4 lotes en este lugar")
    expect(bar).to_be_hidden()
    page.mouse.click(*at(page, 14))
    told(page, selection=["f14"])
    page.locator("canvas.maplibregl-canvas").focus()
    page.keyboard.press(" ")
    expect(page.get_by_text(small)).to_be_visible()
    expect(bar).to_contain_text("Selección: 1")


@pytest.mark.slow
def test_the_view_outlives_reruns_and_what_python_writes(page: Page, site: str):
    open_map(page, f"{site}?lang=es")
    page.get_by_role("button", name="Acercar").click()
    settled(page)
    drawn(page)
    page.wait_for_timeout(600)
    view = re.findall(r"at=([^&]+)", page.url)[0]
    canvas = page.locator("canvas.maplibregl-canvas").element_handle()
    for count in ("1", "2"):
        page.get_by_role("button", name="Python writes the address").click()
        expect(page).to_have_url(re.compile(f"wrote={count}"))
        expect(page).to_have_url(re.compile(f"at={view.replace(',', '(,|%2C)')}"))
    assert canvas.evaluate("element => element.isConnected")
    assert "lang=es" in page.url


@pytest.mark.slow
def test_what_is_drawn_has_the_colour_of_the_legend(page: Page, site: str):
    open_map(page, f"{site}?opacity=1")
    settled(page)
    expected = {"Soja": (0, 158, 115), "Maíz": (240, 228, 66), "Trigo": (230, 159, 0), None: (255, 255, 255)}
    rows = farm.fields()
    page.mouse.move(5, 5)
    # Beside the labels: a third of the way to the upper edge.
    for number in (12, 26, 45, 61, 83):
        x, y = at(page, number)
        assert colour(page, (x, y - 22)) == expected.get(str(rows[number].values["cultivo"]), (154, 154, 154))


@pytest.mark.slow
def test_many_are_selected_by_box_lasso_and_keys(page: Page, site: str):
    open_map(page, site)
    settled(page)
    bar = page.locator(".selection")
    page.get_by_role("button", name="Seleccionar con un rectángulo").click()
    drag(page, at(page, 12), at(page, 25))
    told(page, selection=["f25", "f24", "f13", "f12"])
    expect(bar).to_contain_text("Selección: 4 · 474 ha")
    page.keyboard.down("Shift")
    drag(page, at(page, 50), at(page, 63))
    page.keyboard.up("Shift")
    told(page, selection=["f63", "f62", "f51", "f50"])
    page.keyboard.down("Control")
    page.mouse.click(*at(page, 60))
    page.keyboard.up("Control")
    told(page, selection=["f63", "f62", "f51", "f50", "f60"])
    page.get_by_role("button", name="Seleccionar con un lazo").click()
    drag(page, at(page, 0), at(page, 2), at(page, 1), at(page, 14))
    told(page, selection=["f14", "f13", "f2", "f1", "f0"])
    bar.get_by_role("button", name="Limpiar").click()
    told(page, selection=[])
    page.get_by_role("button", name="Select two").click()
    expect(bar).to_contain_text("Selección: 2")


@pytest.mark.slow
def test_layers_are_switched_ordered_and_told(page: Page, site: str):
    open_map(page, f"{site}?more=1")
    page.get_by_role("checkbox", name="Ambientes de productividad").check()
    expect(page.get_by_label("Opacidad: Ambientes")).to_be_visible()
    page.get_by_role("button", name="Bajar Muestreos").press("Enter")
    first = page.get_by_text("state {")
    expect(first).to_contain_text('"layers": [{"id": "lotes"')
    expect(page.get_by_role("button", name="Bajar Muestreos")).to_be_focused()
    expect(page.locator(".legend").get_by_text("Soja")).to_be_visible()
    page.get_by_role("checkbox", name="Lotes").uncheck()
    expect(page.locator(".legend").get_by_text("Soja")).to_be_hidden()


@pytest.mark.slow
def test_a_basemap_that_is_not_there_is_named(page: Page, site: str):
    root = open_map(page, f"{site}?basemap=gone")
    sentence = "No se puede acceder ahora al fondo “Satélite”. El mapa funciona igual sin él."
    expect(root.get_by_text(sentence)).to_be_visible()
    # Another run of the page, which the map has heard of. What is asked for meanwhile does not even fail.
    page.route("http://127.0.0.1:9/**", lambda _route: None)
    page.get_by_role("button", name="Select two").click()
    expect(page.locator(".selection")).to_contain_text("Selección: 2")
    expect(root.get_by_text(sentence)).to_be_visible()
    page.get_by_label("Fondo").select_option("near")
    told(page, basemap="near")
    expect(root.get_by_text(sentence)).to_be_hidden()
    expect(root.get_by_text("© Cercano")).to_be_visible()


@pytest.mark.slow
def test_two_sides_are_swiped_by_keys_and_by_pointer(page: Page, site: str):
    open_map(page, f"{site}?compare=swipe&opacity=1")
    settled(page)
    divider = page.get_by_role("separator")
    place = at(page, 13)  # left of the divider, where side a is seen
    before = colour(page, (place[0], place[1] - 22))
    divider.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    assert colour(page, (place[0], place[1] - 22)) != before
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "5")


@pytest.mark.thorough
@pytest.mark.slow
def test_blinking_waits_for_who_wants_no_motion(browser: Browser, site: str):
    with open_page(browser, reduced_motion="reduce") as page:
        open_map(page, f"{site}?compare=blink")
        expect(page.get_by_role("button", name="Alternar solo")).to_be_visible()
        page.get_by_role("button", name="Ver el otro").click()
        expect(page.get_by_text("Ahora: ayer 03:00")).to_be_visible()


@pytest.mark.slow
def test_distance_and_area_are_measured(page: Page, site: str):
    open_map(page, site)
    settled(page)
    readout = page.locator(".readout")
    step_east_m, step_north_m = 0.014 * 91_790, 0.014 * 110_930
    page.get_by_role("button", name="Medir una superficie").click()
    expect(readout).to_contain_text("Doble clic")
    for number in (12, 14, 38, 36):
        page.mouse.click(*at(page, number))
    # The pointer counts while it is on the map, and no more once it has left it.
    page.mouse.move(*at(page, 48))
    page.mouse.move(5, 5, steps=5)
    assert read(readout) == pytest.approx(2 * step_east_m * 2 * step_north_m / 10_000, rel=0.02)
    page.get_by_role("button", name="Medir una distancia").click()
    before = page.url
    page.mouse.click(*at(page, 12))
    page.mouse.dblclick(*at(page, 14))
    page.mouse.move(*at(page, 48), steps=5)
    expect(readout.get_by_text("Doble clic")).to_be_hidden()
    assert read(readout) == pytest.approx(2 * step_east_m / 1000, rel=0.02)
    page.wait_for_timeout(600)
    assert page.url == before  # not brought nearer
    page.keyboard.press("Escape")
    expect(readout).to_be_hidden()


def read(readout: Locator) -> float:
    """Read the figure that comes first, written as in Argentina."""
    return float(re.findall(r"[\d.,]+", readout.inner_text())[0].replace(".", "").replace(",", "."))


def near(colour: tuple[int, ...], expected: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= 1 for one, other in zip(colour, expected, strict=True))


@pytest.mark.slow
def test_the_map_is_saved_as_a_picture_and_as_a_page(page: Page, site: str):
    open_map(page, site)
    for kind, begin in (("PNG", b"\x89PNG"), ("PDF", b"%PDF-")):
        page.get_by_role("button", name="Imprimir").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).click()
        assert download.value.suggested_filename == f"Lotes · campaña 25-26.{kind.lower()}"
        content = download.value.path().read_bytes()
        assert content.startswith(begin)
        if kind == "PNG":
            picture = Image.open(io.BytesIO(content)).convert("RGB")
            colours = {found for _count, found in picture.getcolors(picture.width * picture.height) or ()}
            # The legend, at the right, has patches as pale as the layer: 0.6 of #009E73 over the ground, #EDEAE0.
            legend = picture.crop((picture.width - 230, 0, picture.width, picture.height)).getcolors(2**20) or ()
            assert any(near(colour, (95, 188, 159)) for _count, colour in legend)
            assert len(colours) > 50


@pytest.mark.thorough
@pytest.mark.slow
def test_facts_that_do_not_come_are_a_sentence(page: Page, site: str):
    open_map(page, site)
    settled(page)
    page.mouse.click(*at(page, 13))
    expect(page.get_by_role("alert")).to_have_text("No se pudieron cargar los datos. Un nuevo clic vuelve a intentar.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.slow
def test_tab_goes_through_the_map_and_enter_tells_what_lies_in_its_middle(page: Page, site: str):
    open_map(page, f"{site}?at=-62.04356,-34.55356,13.00")
    canvas = page.locator("canvas.maplibregl-canvas")
    canvas.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", name=farm.LONG)).to_be_visible()
    page.keyboard.press("Escape")
    expect(canvas).to_be_focused()
    for _stop in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Python writes the address":
            return
    pytest.fail("Tab did not leave the map")


@pytest.mark.slow
def test_an_empty_snapshot_is_an_empty_map(page: Page, site: str):
    root = open_map(page, f"{site}?snapshot=empty")
    expect(root.locator(".warning-bar")).to_be_hidden()


@pytest.mark.slow
def test_tiles_that_do_not_come_are_told_until_they_come(page: Page, site: str):
    root = open_map(page, f"{site}?snapshot=gone")
    warning = root.locator(".warning-bar")
    expect(warning).to_have_text("Lotes: There is no <b>such</b> backup.")
    page.route("**/*.mvt*", lambda route: route.fulfill(status=500))
    open_map(page, site)
    expect(warning).to_have_text(re.compile("“Lotes”"))
    page.unroute("**/*.mvt*")
    settled(page)
    page.locator("canvas.maplibregl-canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(warning).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "query"),
    [
        ("light", "more=1&basemap=gone"),
        ("dark", "compare=swipe"),
        *(
            pytest.param(scheme, query, marks=pytest.mark.thorough)
            for scheme, query in [
                ("dark", "more=1&basemap=gone"),
                ("light", "compare=swipe"),
                ("light", "compare=blink"),
                ("dark", "compare=blink"),
            ]
        ),
    ],
)
def test_axe_finds_nothing_serious(browser: Browser, site: str, scheme: str, query: str):
    with open_page(browser, color_scheme=scheme) as page:
        open_map(page, site + "?" + query)
        settled(page)
        page.mouse.click(*at(page, 30 if "more" in query else 17))
        expect(page.get_by_role("dialog").get_by_role("link")).to_be_visible()
        page.get_by_role("button", name="Imprimir").click()
        page.get_by_role("combobox", name="Buscar").fill("escondida")
        expect(page.locator(".found [role=option]").first).to_be_visible()
        assert [each for each in serious(page) if "field-map" in each[1] or "stBidi" in each[1]] == []


def drag(page: Page, start: tuple[float, float], *way: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for place in way:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def _is_inside(url: str, site: str) -> bool:
    return url.startswith((site, "data:", "blob:", "about:", site.replace("http", "ws")))
