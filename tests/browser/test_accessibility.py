"""Every page under axe-core, in both languages and both themes; Tab goes through the map and out of it again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from modules.storage.roots import Folder
from tests import homes
from tests.browser.maps import wait_until_idle
from tests.browser.test_field_map import AXE
from tests.dashboard import running_dashboard
from tests.faults.backups import store_of
from tests.unproven import unproven

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: What Streamlit itself draws and no setting of ours changes: the rule, a part of the element's markup, why it stays.
OF_STREAMLIT: tuple[tuple[str, str, str], ...] = ()

PAGES = {
    "inicio": "",
    "produccion": "?env=production",
    "corridas": "corridas",
    "mapa": "mapa?vs={before}&layers=marcadores~100,celdas~50",
    "mapa-lado-a-lado": "mapa?vs={before}&mode=swipe",
    "archivos": "archivos",
    "carpeta": f"archivos?path={Folder.KMZ_BY_FARM}",
    "vista-previa": "vista-previa?path={kmz}",
    "subir": "vista-previa",
    "analisis": "analisis",
}


@dataclass(frozen=True)
class Site:
    """Where the pages are, and what their addresses have to name."""

    url: str
    names: dict[str, str]


#: Stops of Tab that are more than any page has.
MANY_STOPS = 120


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=AXE.parents[2], check=False, timeout=200)
    if not AXE.exists():
        unproven("axe-core is not installed: npm ci in app/components/field_map/frontend")
    return AXE.read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A dashboard for a home with all that pages show without a stack behind them."""
    home = tmp_path_factory.mktemp("site")
    homes.usual(home, fields=60)
    (kmz, *_others) = sorted(home.glob(f"test_outputs/{Folder.KMZ_BY_FARM}/*.kmz"))
    before = store_of(home).published()[1].id
    with running_dashboard(home) as dashboard:
        yield Site(dashboard.url, {"before": before, "kmz": f"{Folder.KMZ_BY_FARM}/{kmz.name}"})


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(viewport={"width": 1440, "height": 1200}, color_scheme=scheme, locale="es-AR")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(themed: Page, site: Site, axe: str, name: str, language: str) -> None:
    address = PAGES[name].format(**site.names)
    themed.goto(f"{site.url}/{address}{'&' if '?' in address else '?'}lang={language}")
    expect(themed.locator("h1")).to_be_visible()
    if name.startswith("mapa"):
        wait_until_idle(themed)
    expect(themed.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(themed.get_by_test_id("stStatusWidget")).to_have_count(0)
    themed.evaluate(axe)
    found = themed.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{each['id']}: {node['html'][:300]} — {node['failureSummary'][:200]}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
        if not is_of_streamlit(each["id"], node["html"])
    ]
    assert serious == []


def is_of_streamlit(rule: str, html: str) -> bool:
    return any(rule == known and part in html for known, part, _why in OF_STREAMLIT)


def test_tab_goes_through_the_map_and_out_of_it(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/mapa")
    wait_until_idle(page)
    page.get_by_role("combobox", name="Buscar lote, cultivo o campo").focus()
    seen: list[str] = []
    for _stop in range(MANY_STOPS):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if seen[-1].startswith("outside"):
            break
    assert any("maplibregl-canvas" in each for each in seen)
    assert seen[-1].startswith("outside"), seen
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED).startswith("map")


#: Tells whether the focus is in the map, which may live in a shadow tree, and on what.
FOCUSED = """() => {
    let found = document.activeElement, inside = false;
    while (found) {
        inside ||= found.closest(".field-map") !== null || found.shadowRoot?.querySelector(".field-map") != null;
        if (!found.shadowRoot?.activeElement) break;
        found = found.shadowRoot.activeElement;
    }
    return (inside ? "map " : "outside ") + (found?.outerHTML.slice(0, 120) ?? "");
}"""
