"""A backup that was held back: the page explains, asks, and does what it was told once."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from modules.domain.season import Season
from modules.environments import Environment
from modules.snapshots.store import SnapshotStore
from tests.browser.test_whole_path import open_form
from tests.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.slow]


@pytest.fixture
def faults(stack: Stack) -> Iterator[str]:
    """Where the portal's faults are set, after a backup without any."""
    assert stack.command("backup").returncode == 0
    address = f"{stack.portal_url}/_simulator/faults"
    yield address
    httpx.post(address, json={})


def run_backup_that_is_held_back(page: Page, stack: Stack) -> None:
    open_form(page, stack.url)
    page.get_by_role("button", name="Ejecutar ahora").click()
    expect(page.get_by_text(re.compile("Retenida$"))).to_be_visible()


def test_f12_a_short_backup_is_explained_and_can_be_discarded(page: Page, stack: Stack, faults: str):
    httpx.post(faults, json={"shrink": 0.5})
    run_backup_that_is_held_back(page, stack)
    expect(page.get_by_text("El portal respondió con 30 lotes; el último respaldo tiene 60.")).to_be_visible()
    with page.expect_download() as download:
        row = page.get_by_test_id("stHorizontalBlock").filter(has_text="lotes.geojson")
        row.get_by_role("link", name="Descargar").click()
    assert download.value.failure() is None

    page.get_by_role("button", name="Descartar").click()
    page.get_by_role("dialog").get_by_role("button", name="Descartar").click()
    expect(page.get_by_text("Ya se decidió qué hacer con este respaldo.")).to_be_visible()
    assert SnapshotStore(stack.home, Environment.TEST).held_back() == []


def test_f11_an_empty_backup_is_published_only_when_its_season_is_typed(page: Page, stack: Stack, faults: str):
    httpx.post(faults, json={"empty": 1})
    run_backup_that_is_held_back(page, stack)
    page.get_by_role("button", name="Aceptar igualmente").click()
    dialog = page.get_by_role("dialog")
    accept = dialog.get_by_role("button", name="Aceptar")
    expect(accept).to_be_disabled()
    season = dialog.get_by_role("textbox", name="Campaña")
    season.fill("24/25")
    season.press("Enter")
    expect(accept).to_be_disabled()
    season.fill(str(Season.current()))
    season.press("Enter")
    accept.click()
    expect(page.get_by_text("Ya se decidió qué hacer con este respaldo.")).to_be_visible()
    newest = SnapshotStore(stack.home, Environment.TEST).published()[0]
    assert newest.manifest.empty
