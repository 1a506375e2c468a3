"""The map in a browser: found, clicked, ticked in the table, reached again by its link; two backups; true colours."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from PIL import Image
from playwright.sync_api import Page, expect

from modules.domain.crop_colours import crop_colour
from tests.browser.maps import home_with_fields, wait_until_idle
from tests.browser.network import watched
from tests.dashboard import Dashboard, running_dashboard

pytestmark = pytest.mark.browser

FIELDS = 240
#: Zoom at which fields of the pampas are some ten pixels wide: too small for a label, large enough to hit.
ZOOM = 9.5
#: A tile of the map's scale.
TILE_PX = 512
#: An outline is a pixel wide; nearer to it nobody can tell what lies within.
LEAST_PX = 2
#: Colours that a drawing rounds.
TOLERANCE = 6


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home = tmp_path_factory.mktemp("map") / "home"
    home_with_fields(home, FIELDS)
    with running_dashboard(home) as dashboard:
        yield dashboard


@pytest.fixture
def outside(page: Page) -> list[str]:
    """What the page asked for elsewhere, and what failed."""
    return watched(page)


def fields_of(home: Path) -> list[dict[str, object]]:
    (path,) = home.glob("test_outputs/Backup_Databaler/*/*/lotes.parquet")
    rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return rows


@pytest.mark.slow
def test_a_field_is_found_clicked_ticked_and_reached_again_by_its_link(
    dashboard: Dashboard, page: Page, outside: list[str]
) -> None:
    wanted = fields_of(dashboard.home)[7]
    page.goto(f"{dashboard.url}/mapa")
    drawn = wait_until_idle(page)
    page.get_by_role("combobox", name="Buscar lote, cultivo o campo").fill(f"{wanted['campo']} {wanted['lote']}")
    page.get_by_role("option").filter(has_text=str(wanted["lote"])).first.click()
    badge = page.get_by_text(re.compile(r"Selección: 1 lote"))
    expect(badge).to_be_visible()
    expect(page).to_have_url(re.compile(f"sel={wanted['id']}"))
    wait_until_idle(page)
    page.keyboard.press("Escape")
    box = drawn.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 40)
    card = page.get_by_role("dialog", name=str(wanted["lote"]))
    expect(card).to_contain_text(str(wanted["cultivo"]))
    expect(card).to_contain_text("Historial")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card.get_by_role("button", name="Copiar enlace").click()
    expect(page.get_by_text("Enlace copiado.")).to_be_visible()
    (snapshot,) = dashboard.home.glob("test_outputs/Backup_Databaler/*/*")
    link = page.evaluate("navigator.clipboard.readText()")
    assert f"snap={snapshot.name}" in link, "tomorrow it would show another backup"
    assert f"sel={wanted['id']}" in link
    view = re.search(r"at=[^&]+", page.url)
    assert view is not None
    again = page.context.new_page()
    again.goto(link)
    wait_until_idle(again)
    expect(again.get_by_text(re.compile(r"Selección: 1 lote"))).to_be_visible()
    expect(again).to_have_url(re.compile(re.escape(view[0])))
    assert outside == []


@pytest.mark.slow
def test_the_colours_on_the_map_are_those_of_the_legend(dashboard: Dashboard, page: Page) -> None:
    rows = fields_of(dashboard.home)
    middles = {str(row["id"]): middle_of(row) for row in rows}
    rows = [row for row in rows if middles[str(row["id"])][1] > LEAST_PX]
    places = np.array([middles[str(row["id"])][0] for row in rows])
    wrong: list[object] = []
    seen = 0
    for view in views_of(places):
        page.goto(f"{dashboard.url}/mapa?layers=lotes~100&at={view[0]},{view[1]},{ZOOM}")
        drawn = wait_until_idle(page)
        page.get_by_role("button", name="Ocultar capas y leyenda").click()
        canvas = drawn.locator("canvas").first
        picture = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")).astype(int)
        for row, (x, y) in zip(rows, pixels_of(places, view, picture.shape), strict=True):
            if not is_free(x, y, picture.shape):
                continue
            seen += 1
            if np.abs(picture[round(y), round(x)] - colour_of(row)).max() > TOLERANCE:
                wrong.append(row["id"])
    assert seen >= 200
    assert wrong == []


def is_free(x: float, y: float, shape: tuple[int, ...]) -> bool:
    """Tell whether a point of the picture lies on the map, and under none of its controls."""
    inside = 20 < x < shape[1] - 80 and 20 < y < shape[0] - 60
    return inside and not (x < 330 and y < 80)


def middle_of(row: dict[str, object]) -> tuple[tuple[float, float], float]:
    """The place of a field that lies furthest from its outlines (lon/lat), and how far on a picture of `ZOOM`."""
    radius = shapely.maximum_inscribed_circle(shapely.from_wkb(row["geometry"]), tolerance=1e-5)
    (lon, lat), edge = shapely.get_coordinates(radius)
    (x, y), (other_x, other_y) = mercator(lon, lat), mercator(*edge)
    return (float(lon), float(lat)), math.hypot(x - other_x, y - other_y) * TILE_PX * 2**ZOOM


def colour_of(row: dict[str, object]) -> np.ndarray:
    """What the legend says of a field."""
    crop = row["cultivo"]
    return np.array(list(bytes.fromhex(crop_colour(None if crop is None else str(crop))[1:])))


def views_of(places: np.ndarray) -> list[tuple[float, float]]:
    """Middles of views that together show all places: one for those within a fifth of a degree of each other."""
    views: list[tuple[float, float]] = []
    left = places
    while len(left):
        near = np.abs(left - left[0]).max(axis=1) < 0.5
        middle = (left[near].min(axis=0) + left[near].max(axis=0)) / 2
        views.append((round(float(middle[0]), 5), round(float(middle[1]), 5)))
        left = left[~near]
    return views


def pixels_of(places: np.ndarray, view: tuple[float, float], shape: tuple[int, ...]) -> np.ndarray:
    """Where places (lon/lat) stand on a picture whose middle is `view`, web mercator."""
    scale = TILE_PX * 2**ZOOM
    world = np.column_stack([mercator(*place) for place in (*places, view)]).T * scale
    return world[:-1] - world[-1] + np.array([shape[1] / 2, shape[0] / 2])


def mercator(lon: float, lat: float) -> tuple[float, float]:
    y = math.asinh(math.tan(math.radians(lat)))
    return lon / 360 + 0.5, 0.5 - y / (2 * math.pi)
