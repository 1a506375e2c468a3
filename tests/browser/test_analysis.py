"""Analysis in a browser: cells are drawn, nothing is fetched from outside, the table has its sum, the CSV its rows."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from modules.i18n import use_language
from modules.i18n.formats import number
from tests.browser.drawings import wait_until_drawn
from tests.dashboard import running_dashboard
from tests.pages.grids import write_grid

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_grid_is_drawn_summed_up_and_saved(page: Page, tmp_path: Path):
    grid = write_grid(tmp_path, farms=["La Escondida"], resolution=10)
    outside: list[str] = []
    with running_dashboard(tmp_path) as dashboard:
        page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
        page.goto(f"{dashboard.url}/analisis?figure=hectares")
        drawing = page.locator(".st-key-analysis-frame")
        expect(drawing.locator("canvas")).to_be_visible()
        wait_until_drawn(drawing)
        with use_language("es"):
            total = f"Suma de {number(grid.cells)} filas: {number(grid.hectares, 1)} ha, {grid.samples} muestreos."
        expect(page.get_by_text(total)).to_be_visible()
        expect(page.locator("canvas[data-testid=data-grid-canvas]").first).to_be_visible()
        expect(page.get_by_text("Hectáreas de lotes en cada celda (ha)")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Guardar como CSV").first.click()
        content = download.value.path().read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
        assert len(rows) == grid.cells
        hectares = sum(float(row["superficie_ha"].replace(",", ".")) for row in rows)
        assert hectares == pytest.approx(grid.hectares, abs=1e-3)
        expect(page).to_have_title("Análisis · Tranquera")
    assert outside == []


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
