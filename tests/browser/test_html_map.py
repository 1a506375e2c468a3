"""The HTML map as its reader opens it: a file, no network, a Chromium."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import shapely.affinity
from playwright.sync_api import Browser, Page, expect

from modules.domain.crop_colours import CROP_COLOURS
from modules.html_map import HtmlMapRequest, write_html_map
from tests.chromium import open_page
from tests.unit.export.kept import checked_fields, keep, keep_usual
from tests.unit.html_map.reading import NASTY
from tests.unit.html_map.test_html_map import many, snapshot_called
from tests.unit.snapshots.invented import outline

pytestmark = pytest.mark.browser

#: The colour that is painted at the middle of a field, as [red, green, blue].
PAINTED = """(row) => {
    const layer = feature_group_lotes.getLayers()[row];
    const place = map_fields.latLngToContainerPoint(layer.getBounds().getCenter());
    const canvas = document.querySelector(".folium-map canvas"), box = canvas.getBoundingClientRect();
    const map = map_fields.getContainer().getBoundingClientRect(), scale = canvas.width / box.width;
    const x = (place.x + map.x - box.x) * scale, y = (place.y + map.y - box.y) * scale;
    return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
}"""
#: Where on the page the middle of a field is.
PLACE = """(row) => {
    const layer = feature_group_lotes.getLayers()[row], box = map_fields.getContainer().getBoundingClientRect();
    const place = map_fields.latLngToContainerPoint(layer.getBounds().getCenter());
    return [place.x + box.x, place.y + box.y];
}"""


#: Farm, its name and crop of three fields.
FAR_AWAY = [(0, "La Loma", "soja"), (0, "La Loma", "maíz"), (1, "El Norte", "trigo")]


@dataclass
class Opened:
    """A map in a browser without network, and all that it asked for or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        expect(self.page.locator(".folium-map canvas")).to_be_visible()
        return self.page

    def click(self, row: int) -> None:
        self.page.mouse.click(*self.page.evaluate(PLACE, row))


NARROW = pytest.param((390, 844), marks=[pytest.mark.slow, pytest.mark.thorough])


@pytest.fixture(params=[(1440, 900), NARROW], ids=["wide", "narrow"])
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opened]:
    width, height = request.param
    with open_page(browser, viewport={"width": width, "height": height}, offline=True) as page:
        opened = Opened(page)
        page.on("request", lambda asked: opened.asked.append(asked.url))
        page.on("console", lambda message: opened.told.append(message.text))
        page.on("pageerror", lambda error: opened.told.append(str(error)))
        page.on("dialog", lambda dialog: (opened.told.append(dialog.message), dialog.dismiss()))
        yield opened


def until(page: Page, told: str) -> None:
    """Wait for what a script tells of the page, whose policy lets no waiting script of the browser's driver run."""
    ends = monotonic() + 10
    while not page.evaluate(told):
        assert monotonic() < ends, told
        page.wait_for_timeout(50)


def drawn(page: Page) -> Any:
    groups = "[feature_group_lotes, feature_group_ambientes, feature_group_marcadores]"
    return page.evaluate(f"{groups}.map((each) => each.getLayers().length)")


def test_a_map_opens_without_any_request_and_draws_every_field(opened: Opened, tmp_path: Path):
    path = write_html_map(keep_usual(tmp_path), HtmlMapRequest(), tmp_path).path
    page = opened.open(path)
    assert drawn(page) == [12, 36, 12]
    assert opened.told == []  # reading pixels makes Chromium speak
    for row, crop in enumerate(["soja", "maiz", "trigo"]):
        wanted = [int(CROP_COLOURS[crop][start : start + 2], 16) for start in (1, 3, 5)]
        assert max(abs(a - b) for a, b in zip(page.evaluate(PAINTED, row), wanted, strict=True)) < 8
    assert page.evaluate("map_fields.getBounds().contains(feature_group_lotes.getBounds())")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.asked == [path.as_uri()]


@pytest.mark.slow
def test_a_click_on_a_field_tells_its_facts(opened: Opened, tmp_path: Path):
    page = opened.open(write_html_map(keep_usual(tmp_path), HtmlMapRequest(), tmp_path).path)
    opened.click(5)
    popup = page.locator(".leaflet-popup-content")
    expect(popup.get_by_role("heading", name="5")).to_be_visible()
    for text in ("San José", "maíz", "40,0 ha"):
        expect(popup.get_by_text(text, exact=True)).to_be_visible()
    assert opened.told == []


@pytest.mark.slow
def test_zones_and_markers_are_switched_on_with_their_legend(opened: Opened, tmp_path: Path):
    page = opened.open(write_html_map(keep_usual(tmp_path), HtmlMapRequest(), tmp_path).path)
    zones, markers = page.locator("[data-layer=ambientes]"), page.locator("[data-layer=marcadores]")
    for legend, layer in ((zones, "Ambientes (36)"), (markers, "Marcadores y muestreos (12)")):
        expect(legend).to_be_hidden()
        page.get_by_label(layer).check()
        expect(legend).to_be_visible()
    opened.click(5)  # a marker stands in the middle of each field
    expect(page.locator(".leaflet-popup-content").get_by_text("muestreo", exact=True)).to_be_visible()
    page.get_by_label("Marcadores y muestreos (12)").uncheck()
    expect(markers).to_be_hidden()
    opened.click(7)
    expect(page.locator(".leaflet-popup-content").get_by_text("Productividad")).to_be_visible()
    page.get_by_label("Ambientes (36)").uncheck()
    assert opened.asked == [page.url]
    assert opened.told == []


@pytest.mark.slow
def test_a_farm_far_away_is_reached_by_its_button(opened: Opened, tmp_path: Path):
    shapes = [
        outline(0),
        shapely.affinity.translate(outline(1), xoff=1),
        shapely.affinity.translate(outline(2), xoff=4, yoff=8),
    ]
    rows = [{"campo_id": f"C{farm}", "campo": name, "cultivo": crop} for farm, name, crop in FAR_AWAY]
    kept = keep(tmp_path, checked_fields(shapes, rows))
    path = write_html_map(kept, HtmlMapRequest(zones=False, markers=False), tmp_path / "mapa.html").path
    page = opened.open(path)
    for row, crop in enumerate(["soja", "maiz", "trigo"]):  # each is less than a pixel
        wanted = [int(CROP_COLOURS[crop][start : start + 2], 16) for start in (1, 3, 5)]
        assert max(abs(a - b) for a, b in zip(page.evaluate(PAINTED, row), wanted, strict=True)) < 8
    page.get_by_label("Lotes (3)").uncheck()
    until(page, f"({PAINTED})(2).every((each) => each === 0)")
    page.get_by_label("Lotes (3)").check()
    opened.told.clear()  # reading pixels makes Chromium speak
    width = "(row) => feature_group_lotes.getLayers()[row]._pxBounds.getSize().x"
    seen = "(row) => map_fields.getBounds().contains(feature_group_lotes.getLayers()[row].getBounds())"
    page.get_by_role("button", name="Todos los campos").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="El Norte")).to_be_focused()
    page.keyboard.press("Enter")
    until(page, f"({seen})(2) && ({width})(2) > 100")
    assert not page.evaluate(seen, 0)
    expect(page.locator(".folium-map")).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="La Loma").click()
    until(page, f"({seen})(0) && ({seen})(1) && !({seen})(2)")
    page.get_by_role("button", name="Todos los campos").click()
    until(page, f"[0, 1, 2].every({seen})")
    assert opened.asked == [path.as_uri()]
    assert opened.told == []


@pytest.mark.parametrize("name", NASTY)
def test_f33_a_nasty_name_is_shown_and_not_obeyed(opened: Opened, tmp_path: Path, name: str):
    path = write_html_map(snapshot_called(tmp_path, name), HtmlMapRequest(farms=[name]), tmp_path / "mapa.html").path
    page = opened.open(path)
    before = page.locator("script, img, iframe, a").count()
    opened.click(0)
    popup = page.locator(".leaflet-popup-content")
    assert popup.locator("h2").evaluate("(each) => each.textContent") == name
    assert popup.locator("td").first.evaluate("(each) => each.textContent") == name
    assert popup.locator("script, img, a, b").count() == 0
    assert page.locator("tbody bdi").first.evaluate("(each) => each.textContent") == name
    # The popup's own cross is a link.
    assert page.locator("script, img, iframe, a").count() == before + 1
    assert page.evaluate("window.taken") is None
    assert opened.asked == [path.as_uri()]
    assert opened.told == []


def test_f33_the_page_runs_no_script_and_fetches_nothing_that_it_did_not_bring(opened: Opened, tmp_path: Path):
    page = opened.open(write_html_map(keep_usual(tmp_path), HtmlMapRequest(), tmp_path).path)
    refused = page.evaluate(
        """async () => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", '<img src="https://farm.example/x.png">');
            document.body.insertAdjacentHTML("beforeend", '<b onclick="window.taken = 1">x</b>');
            document.body.lastElementChild.click();
            const script = document.createElement("script");
            script.textContent = "window.taken = 2";
            document.body.append(script);
            await fetch("https://farm.example/").catch(() => null);
            await new Promise((resolve) => setTimeout(resolve, 100));
            return [refused.sort(), window.taken ?? null];
        }"""
    )
    assert refused == [["connect-src", "img-src", "script-src-attr", "script-src-elem"], None]


@pytest.mark.slow
def test_a_thousand_fields_with_zones_and_markers_are_drawn(opened: Opened, tmp_path: Path):
    path = write_html_map(keep(tmp_path, *many(vertices=60)), HtmlMapRequest(), tmp_path).path
    page = opened.open(path)
    assert drawn(page) == [1000, 4000, 3000]
    page.get_by_label("Ambientes (4.000)").check()
    page.get_by_label("Marcadores y muestreos (3.000)").check()
    assert page.evaluate("document.querySelectorAll('.folium-map svg, .folium-map path').length") == 0
    assert opened.asked == [path.as_uri()]
    assert opened.told == []
