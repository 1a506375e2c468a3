"""The pictures of the documentation, from a stack of its own: `./tranquera screenshots [--only NAME] [--out DIR]`.

Each page in Spanish and English, light and dark, 1440 and 768 wide, and some moments of it in Spanish only, as
`<name>-<language>-<theme>-<width>.png`. A picture is taken when what it has to show is there, never after a time.
"""

import argparse
import json
import math
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app.components.map_layers import SHOWN_GRID
from modules.environments import Environment
from modules.i18n import Language, use_language
from modules.i18n import gettext as _
from modules.settings import PROJECT
from modules.snapshots.store import SnapshotStore
from modules.storage.roots import Folder
from modules.storage.sentinels import mark_production
from tests import homes
from tests.browser.drawings import wait_until_drawn
from tests.browser.maps import wait_until_idle
from tests.chromium import PATIENCE_MS, QUIET, find_chromium
from tests.conftest import Stack, run_command, start_stack, stop_stack
from tests.dashboard import running_dashboard

WIDTHS = (1440, 768)
THEMES = ("light", "dark")
TALLEST = 1600
#: Pages have few colours; this many keep letters smooth, and legends true to their maps, at a tenth of the size.
COLOURS = 256
#: Chromium drops what it loads when the machine's network changes, as each container that comes or goes does.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Runs:
    """Runs to show, by their ids; the newest snapshot's folder below its root; an older one's id; a place on it."""

    completed: str
    held_back: str
    kmz: str
    grid: str
    snapshot: str
    before: str = ""
    at: str = ""


@dataclass(frozen=True)
class Scene:
    """A picture: the address, what must be seen first, and what is done before it is taken.

    everywhere: in both languages, themes and widths; else in Spanish, in this width and theme
    home:       fills the home that is shown in place of the demonstration's
    """

    name: str
    address: Callable[[Runs], str]
    shows: Callable[[], str]
    act: Callable[[Page], None] = lambda _page: None
    everywhere: bool = False
    width: int = 1440
    theme: str = "light"
    home: Callable[[Path], object] | None = None


def open_form(page: Page) -> None:
    page.get_by_role("button", name=_("Run backup")).click()
    expect(page.get_by_role("dialog").get_by_role("button", name=_("Run now"))).to_be_visible()


def open_kmz_form(page: Page) -> None:
    page.get_by_role("button", name=_("Make KMZ"), exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name=_("Run now"))).to_be_enabled()


def ask_again(page: Page) -> None:
    page.get_by_role("button", name=_("Run backup")).click()
    page.get_by_role("button", name=_("Continue …")).click()
    expect(page.get_by_role("button", name=_("Run in production"))).to_be_visible()


def open_export(page: Page) -> None:
    page.get_by_role("button", name=_("Export …")).click()
    expect(page.get_by_role("dialog").get_by_text(_("Coordinates"), exact=True)).to_be_visible()


def open_preview(page: Page) -> None:
    page.locator(".st-key-table-files").get_by_role("link", name=_("Preview")).first.click()
    wait_until_drawn(page.locator(".st-key-kmz-preview-frame"))
    page.locator("h1").scroll_into_view_if_needed()


def see_cells(page: Page) -> None:
    wait_until_drawn(page.locator(".st-key-analysis-frame"))
    page.locator("h1").scroll_into_view_if_needed()


def see_map(page: Page) -> None:
    wait_until_idle(page)
    page.mouse.move(0, 0)


def see_card(page: Page) -> None:
    wait_until_idle(page)
    search = page.get_by_role("combobox", name=_("Search field, crop or farm"))
    search.fill("lote 14")
    page.locator(".found [role=option]").first.click()
    expect(page.get_by_role("dialog").get_by_role("heading").first).to_be_visible()
    see_map(page)


def see_some_found(page: Page) -> None:
    wait_until_idle(page)
    page.get_by_role("combobox", name=_("Search field, crop or farm")).fill("maíz")
    expect(page.locator(".found [role=option]").first).to_be_visible()


def miss_a_basemap(page: Page) -> None:
    page.route(re.compile("^https://"), lambda route: route.abort())
    wait_until_idle(page)
    page.get_by_label(_("Background")).select_option("satellite")
    missing = _("The background “{basemap}” cannot be reached now. The map works without it.").split("{")[0]
    expect(page.get_by_text(missing).first).to_be_visible()
    see_map(page)


def lay_a_kmz(page: Page) -> None:
    """Lay the KMZ of the first farm over its fields, which are pale, and tell of both in the dialog."""
    wait_until_idle(page)
    page.get_by_role("button", name="KMZ").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").nth(1).click()
    page.get_by_role("option").first.click()
    dialog.get_by_role("button", name=_("Lay it over the map")).click()
    expect(page.get_by_role("button", name="KMZ (1)")).to_be_visible()
    see_map(page)


def newest_of(query: str = "") -> Callable[[Runs], str]:
    """The map of a home with one backup or two, the newest compared with the other one where `query` says how."""
    return lambda runs: f"mapa?{query.format(before=runs.before)}&at={runs.at}"


def only(layer: str) -> Callable[[Runs], str]:
    """The map with one layer, the fields in outline below it."""
    return lambda runs: f"mapa?layers={layer}~80,lotes~10&at={runs.at}"


SCENES = (
    Scene("inicio", lambda _runs: "", lambda: _("production folders"), everywhere=True),
    Scene("corrida", lambda runs: f"corridas?run={runs.completed}", lambda: _("Technical log"), everywhere=True),
    Scene("corridas", lambda _runs: "corridas?all=1", lambda: _("Failed"), everywhere=True),
    Scene("archivos", lambda _runs: "archivos", lambda: Folder.SUSTAINABILITY.value, everywhere=True),
    Scene(
        "vista-previa",
        lambda _runs: f"archivos?path={Folder.KMZ_BY_FARM}",
        lambda: _("What is inside"),
        open_preview,
        everywhere=True,
    ),
    Scene("exportar", lambda _runs: "archivos", lambda: Folder.SUSTAINABILITY.value, open_export),
    Scene("analisis", lambda _runs: "analisis", lambda: _("By crop"), see_cells, everywhere=True),
    Scene("respaldo", lambda runs: f"archivos?path={runs.snapshot}", lambda: "backup.gpkg"),
    Scene("formulario", lambda _runs: "", lambda: _("production folders"), open_form),
    Scene("kmz-formulario", lambda _runs: "", lambda: _("production folders"), open_kmz_form),
    Scene("kmz", lambda runs: f"corridas?run={runs.kmz}", lambda: _("Technical log")),
    Scene("grilla", lambda runs: f"corridas?run={runs.grid}", lambda: _("Technical log")),
    Scene("produccion", lambda _runs: "?env=production", lambda: _("production folders"), ask_again),
    Scene("mapa", newest_of(), lambda: _("Colour by"), see_map, everywhere=True, home=homes.usual),
    Scene(
        "mapa-hectareas",
        newest_of("by=superficie_geodesica_ha"),
        lambda: _("Colour by"),
        see_map,
        home=homes.usual,
    ),
    Scene("mapa-ambientes", only("ambientes"), lambda: _("Colour by"), see_map, home=homes.usual),
    Scene("mapa-marcadores", only("marcadores"), lambda: _("Colour by"), see_map, home=homes.usual),
    Scene("mapa-zonas", only("zonas"), lambda: _("Colour by"), see_map, home=homes.usual),
    Scene("mapa-grilla", newest_of(f"layers={SHOWN_GRID}"), lambda: _("Colour by"), see_map, home=homes.usual),
    Scene("mapa-sin-fondo", newest_of(), lambda: _("Colour by"), miss_a_basemap, home=homes.usual),
    Scene("mapa-buscar", newest_of(), lambda: _("Colour by"), see_some_found, home=homes.usual),
    Scene("mapa-cambios", newest_of("vs={before}"), lambda: _("How"), see_map, home=homes.changed),
    Scene("mapa-lado-a-lado", newest_of("vs={before}&mode=swipe"), lambda: _("How"), see_map, home=homes.changed),
    Scene("mapa-alternados", newest_of("vs={before}&mode=blink"), lambda: _("How"), see_map, home=homes.changed),
    Scene("mapa-kmz", newest_of("layers=lotes~15"), lambda: _("Colour by"), lay_a_kmz, home=homes.usual),
    Scene("mapa-vacio", newest_of(), lambda: _("Colour by"), see_map, home=homes.empty),
    Scene("mapa-nombre-largo", newest_of(), lambda: _("Colour by"), see_card, home=homes.long_name),
    Scene("mapa-100k", lambda _runs: "mapa", lambda: _("Colour by"), see_map, home=homes.many),
    Scene("retenida", lambda runs: f"corridas?run={runs.held_back}", lambda: _("Accept it all the same")),
)


def main() -> int:
    """Start a stack, make runs, take the pictures."""
    parser = argparse.ArgumentParser(prog="tranquera screenshots", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="take the pictures of the scenes whose names begin so")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "images", help="where they go")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium was found on this machine.", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    scenes = [scene for scene in SCENES if scene.name.startswith(options.only or "")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for opened, those in grouped(scenes):
            with opened as (url, runs):
                for scene in those:
                    for path in take(scene, browser, url, runs, options.out):
                        print(path, flush=True)
        browser.close()
    return 0


def grouped(scenes: Sequence[Scene]) -> Iterator[tuple[AbstractContextManager[tuple[str, Runs]], list[Scene]]]:
    """Put scenes of one home together, with what opens it."""
    for home in dict.fromkeys(scene.home for scene in scenes):
        those = [scene for scene in scenes if scene.home is home]
        yield (demonstration() if home is None else dashboard_of(home)), those


@contextmanager
def dashboard_of(fill: Callable[[Path], object]) -> Iterator[tuple[str, Runs]]:
    """A dashboard without a stack behind it, on a home of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        fill(home)
        ids = [snapshot.id for snapshot in SnapshotStore(home, Environment.TEST).published()]
        with running_dashboard(home) as dashboard:
            yield dashboard.url, Runs("", "", "", "", "", before=ids[-1], at=homes.near(home))


@contextmanager
def demonstration() -> Iterator[tuple[str, Runs]]:
    """A stack with a history: good backups in both environments, a failed one, one that was held back."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        for product_folder in Folder:
            mark_production(home, product_folder)
        settings = {"TRANQUERA_ALLOW_SIMULATOR_IN_PRODUCTION": "true"}
        stack = start_stack(home, "--demo-fields", "312", "--no-first-backup", **settings)
        try:
            yield stack.url, make_runs(stack)
        finally:
            stop_stack(stack.process)


def make_runs(stack: Stack) -> Runs:
    """Run backups, with what can go wrong at a portal in between, and what is made from them."""
    backup(stack, "--production", who="Ana")
    backup(stack, who="Martín", html=1)
    completed = backup(stack, **{"who": "Ana", "null-geometry": 2, "bow-tie": 3})
    held_back = backup(stack, who="Martín", shrink=0.6)
    last = backup(stack, who="Ana")
    kmz = command(stack, "kmz", "--mapa-html", who="Martín")
    grid = command(stack, "grid", who="Ana")
    ids = [str(run["run_id"]) for run in (completed, held_back, kmz, grid)]
    return Runs(*ids, snapshot_below_root(str(last["snapshot"])))


def snapshot_below_root(snapshot: str) -> str:
    """Cut a snapshot's folder down to what the address of the files names."""
    return snapshot[snapshot.index(Folder.SNAPSHOTS) :]


def backup(stack: Stack, *options: str, who: str, **faults: float) -> dict[str, object]:
    """Run a backup as somebody while the portal misbehaves."""
    for change in ({}, faults):
        httpx.post(f"{stack.portal_url}/_simulator/faults", json=change).raise_for_status()
    return command(stack, "backup", *options, who=who)


def command(stack: Stack, *words: str, who: str) -> dict[str, object]:
    """Run a command as somebody, and give what it tells."""
    done = run_command(*words, "--json", "--home", str(stack.home), LOGNAME=who)
    if not done.stdout:
        raise RuntimeError(done.stderr)
    told: dict[str, object] = json.loads(done.stdout)
    return told


def take(scene: Scene, browser: Browser, url: str, runs: Runs, out: Path) -> Iterator[Path]:
    """Take the pictures of a scene."""
    languages: tuple[Language, ...] = ("es", "en") if scene.everywhere else ("es",)
    variants = product(languages, THEMES, WIDTHS) if scene.everywhere else [("es", scene.theme, scene.width)]
    for language, theme, width in variants:
        path = out / f"{scene.name}-{language}-{theme}-{width}.png"
        for attempt in range(_ATTEMPTS):
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                locale={"es": "es-AR", "en": "en-GB"}[language],  # tables write numbers as the browser does
            )
            page = context.new_page()
            try:
                with use_language("en" if language == "en" else "es"):
                    show(scene, page, f"{url}/{scene.address(runs)}", language)
            except (AssertionError, PlaywrightTimeout):
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                page.screenshot(path=path, animations="disabled")
                break
            finally:
                context.close()
        shrink(path)
        yield path


def show(scene: Scene, page: Page, address: str, language: str) -> None:
    """Bring a page to the moment of its picture, and the window to the height of the page."""
    page.goto(address + ("&" if "?" in address else "?") + f"lang={language}")
    expect(page.get_by_text(scene.shows()).first).to_be_visible()
    scene.act(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    heights = page.locator("[data-testid=stMainBlockContainer], [role=dialog]").evaluate_all(
        "elements => elements.map(element => element.getBoundingClientRect().top + element.scrollHeight)"
    )
    height = math.ceil(max(heights))
    page.set_viewport_size({"width": (page.viewport_size or {})["width"], "height": max(480, min(height, TALLEST))})


def shrink(path: Path) -> None:
    """Make a picture small enough to live in the repository."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
