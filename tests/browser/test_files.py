"""Files in a browser: an export through the dialog, and some KMZ as one zip."""

import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from modules.storage.roots import Folder
from tests.dashboard import running_dashboard
from tests.kmz_readers import gdal_count
from tests.unit.kmz_products.snapshots import home_with_snapshot, make_kmz

pytestmark = pytest.mark.browser


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    page.get_by_role("dialog").get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=option).click()


@pytest.mark.slow
def test_a_farm_becomes_a_workbook_and_two_kmz_a_zip(page: Page, tmp_path: Path):
    home = home_with_snapshot(tmp_path / "home", 12)
    make_kmz(home)
    with running_dashboard(home) as dashboard:
        page.goto(f"{dashboard.url}/archivos?path={Folder.KMZ_BY_FARM}")
        page.get_by_role("button", name="Exportar").click()
        choose(page, "Formato", re.compile("Excel"))
        choose(page, "Campos", "La Escondida")
        page.keyboard.press("Escape")
        page.get_by_role("dialog").get_by_role("button", name="Exportar").click()
        expect(page.get_by_text("lotes 25-26 La Escondida.xlsx: 4 filas")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("dialog").get_by_role("link", name="Descargar").click()
        assert download.value.suggested_filename == "lotes 25-26 La Escondida.xlsx"
        download.value.save_as(tmp_path / "export.xlsx")
        page.keyboard.press("Escape")

        for name in ("El Ñandú", "La Escondida"):
            page.get_by_role("checkbox", name=re.compile(name)).check(force=True)
        expect(page.get_by_text("2 archivos · ")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Descargar los elegidos").click()
        assert download.value.suggested_filename == "KMZ POR CAMPO.zip"
        download.value.save_as(tmp_path / "some.zip")

    header, *rows = openpyxl.load_workbook(tmp_path / "export.xlsx").active.iter_rows(values_only=True)
    assert {row[header.index("campo")] for row in rows} == {"La Escondida"}
    assert len(rows) == 4
    with ZipFile(tmp_path / "some.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["El Ñandú 25-26.kmz", "La Escondida 25-26.kmz"]
        archive.extractall(tmp_path)
    assert gdal_count(tmp_path / "La Escondida 25-26.kmz") > 4
