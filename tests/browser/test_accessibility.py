"""axe-core finds nothing serious on any page, as it comes and with what opens over it, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from modules.i18n import use_language
from tests.browser.axe import serious
from tests.chromium import open_page
from tests.conftest import Stack
from tests.screenshots import SCENES, Runs, Scene, command, show, snapshot_below_root

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.slow]

#: Those of the pictures that need no history: pages, and what opens over them.
SCENES_BY_NAME = {scene.name: scene for scene in SCENES}
PAGES = ["inicio", "corrida", "archivos", "vista-previa", "analisis", "formulario", "kmz", "grilla", "mapa"]
VARIANTS = ["exportar", "respaldo", "kmz-formulario", "mapa-buscar"]


@pytest.fixture(scope="module")
def runs(stack: Stack) -> Runs:
    """A backup and what is made from it."""
    last, kmz, grid = (command(stack, word, who="Ana") for word in ("backup", "kmz", "grid"))
    ids = [str(run["run_id"]) for run in (last, last, kmz, grid)]
    return Runs(*ids, snapshot_below_root(str(last["snapshot"])))


@pytest.mark.parametrize(
    "scene",
    [
        *(pytest.param(SCENES_BY_NAME[name], id=name) for name in PAGES),
        *(pytest.param(SCENES_BY_NAME[name], id=name, marks=pytest.mark.thorough) for name in VARIANTS),
    ],
)
def test_axe_finds_nothing_serious(browser: Browser, stack: Stack, runs: Runs, scene: Scene):
    with open_page(browser, color_scheme="light") as page, use_language("es"):
        show(scene, page, f"{stack.url}/{scene.address(runs)}", "es")
        assert serious(page) == []
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
        assert serious(page) == []


def test_tab_passes_through_the_map_to_the_table_below(page: Page, stack: Stack, runs: Runs):
    scene = SCENES_BY_NAME["mapa"]
    with use_language("es"):
        show(scene, page, f"{stack.url}/{scene.address(runs)}", "es")
    inside = []
    for _press in range(120):
        page.keyboard.press("Tab")
        where = page.evaluate("Boolean(document.activeElement.shadowRoot?.querySelector('.field-map'))")
        if inside and not where:
            break
        if where:
            inside.append(where)
    else:
        pytest.fail("the keyboard does not come to the map, or not out of it again")
    assert len(inside) > 5, "the map's tools are reached"
