"""A file is dropped into the browser and looked at; nothing is asked of anybody else."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard import running_dashboard
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACTS = "&lt;img src=x onerror=\"document.title='taken'\"&gt;"
BODY = (
    f"<Folder><name>{ACTS}</name>{placemark(f'<description>{ACTS}</description>{polygon(SQUARE)}', ACTS)}</Folder>"
    f"{overlay()}<NetworkLink><name>vivo</name><Link><href>https://example.com/a.kml</href></Link></NetworkLink>"
)


def test_f33_f35_a_dropped_file_is_drawn_and_does_nothing(page: Page, tmp_path: Path):
    file = tmp_path / "lotes.kmz"
    file.write_bytes(kmz({"doc.kml": kml(BODY), "a.png": image()}))
    bad = tmp_path / "malo.kmz"
    bad.write_bytes(kmz({"doc.kml": kml(BODY), "../x": b""}))
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    with running_dashboard(tmp_path) as dashboard:
        page.goto(f"{dashboard.url}/archivos")
        page.get_by_role("link", name="Ver un KMZ …").click()
        expect(page.get_by_role("button", name="Elegir un archivo")).to_be_visible()
        page.locator("input[type=file]").set_input_files(bad)
        expect(page.get_by_text("“malo.kmz” no se abrió")).to_be_visible()
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_role("table").first.get_by_text("<img src=x")).to_have_count(2)
        expect(page.locator(".st-key-kmz-preview-frame canvas")).to_be_visible()
        page.wait_for_url("**/vista-previa?preview=*")
        expect(page.get_by_text("example.com/a.kml")).to_be_visible()
        assert page.locator("a[href*='example.com'], img[src='x']").count() == 0
        box = page.get_by_role("checkbox").nth(1)
        expect(box).to_be_checked()
        box.uncheck(force=True)
        page.wait_for_url("**switch=-1*")
        expect(page).to_have_title("Vista previa · Tranquera")
        page.reload()
        expect(page.get_by_role("checkbox").nth(1)).not_to_be_checked()
    assert [url for url in asked if not url.startswith((dashboard.url, "data:", "blob:"))] == []
    assert any("/image/0" in url for url in asked)
    assert failed == []
