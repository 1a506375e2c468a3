"""What a person does, in a browser, against the real stack."""

import hashlib
import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Stack
from tests.dashboard import running_dashboard
from tests.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.stack]

#: The page of a run draws itself again every second, also beneath an open dialog.
SEVERAL_TURNS_MS = 4_000


def open_form(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Ejecutar respaldo").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Ejecutar ahora")).to_be_visible()


def run_shown(page: Page) -> str:
    page.wait_for_url(re.compile(r"/corridas\?.*run="))
    return parse_qs(urlsplit(page.url).query)["run"][0]


def runs_known(stack: Stack) -> int:
    answer = httpx.post(f"{stack.prefect_api}/flow_runs/count", json={})
    return int(answer.raise_for_status().json())


def test_a_click_becomes_files_that_agree_with_their_manifest(page: Page, stack: Stack, tmp_path: Path):
    open_form(page, stack.url)
    page.get_by_role("button", name="Ejecutar ahora").click()
    run_id = run_shown(page)
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()
    expect(page.get_by_text("60 lotes", exact=False).first).to_be_visible()

    saved = {}
    for name in ("backup.gpkg", "manifest.json"):
        row = page.get_by_test_id("stHorizontalBlock").filter(has_text=name)
        with page.expect_download() as download:
            row.get_by_role("link", name="Descargar").click()
        saved[name] = tmp_path / name
        download.value.save_as(saved[name])
        assert download.value.suggested_filename == name
    page.get_by_text("Registro técnico").click()
    expect(page.get_by_test_id("stCode").get_by_text("Finished in state Completed").last).to_be_visible()

    manifest = json.loads(saved["manifest.json"].read_text())
    assert manifest["run_id"] == run_id
    told = manifest["files"]["backup.gpkg"]
    assert hashlib.sha256(saved["backup.gpkg"].read_bytes()).hexdigest() == told["sha256"]


@pytest.mark.slow
def test_f40_a_reload_in_the_middle_shows_the_same_run_and_starts_nothing(page: Page, stack: Stack):
    open_form(page, stack.url)
    page.get_by_role("button", name="Ejecutar ahora").click()
    run_id = run_shown(page)
    known = runs_known(stack)
    page.reload()
    assert run_shown(page) == run_id
    expect(page.get_by_role("heading", name=re.compile("^Backup · .* · PRUEBA$"))).to_be_visible()
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()
    assert runs_known(stack) == known


@pytest.mark.slow
def test_f38_a_double_click_and_a_second_person_get_one_run(page: Page, stack: Stack):
    known = runs_known(stack)
    other = page.context.new_page()
    for each in (page, other):
        open_form(each, stack.url)
    page.get_by_role("button", name="Ejecutar ahora").dblclick()
    other.get_by_role("button", name="Ejecutar ahora").click()
    assert run_shown(page) == run_shown(other)
    assert runs_known(stack) == known + 1
    expect(page.get_by_text(re.compile("Terminada$"))).to_be_visible()


@pytest.mark.slow
def test_a_run_shows_how_far_it_is_and_can_be_cancelled(page: Page, stack: Stack):
    faults = f"{stack.portal_url}/_simulator/faults"
    httpx.post(faults, json={"slow": 5000})  # for most of a minute
    try:
        open_form(page, stack.url)
        page.get_by_role("button", name="Ejecutar ahora").click()
        run_shown(page)
        expect(page.get_by_text(re.compile("◐ Descarga"))).to_be_visible()
        home = page.context.new_page()
        home.goto(stack.url)
        expect(home.get_by_text(re.compile("^Descarga"))).to_be_visible()
        dialog = page.get_by_role("dialog")
        page.get_by_role("button", name="Repetir").click()
        page.wait_for_timeout(SEVERAL_TURNS_MS)
        dialog.get_by_role("radio", name="producción").click()
        expect(dialog.get_by_role("button", name="Continuar …")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        page.get_by_role("button", name="Cancelar").click()
        page.wait_for_timeout(SEVERAL_TURNS_MS)
        dialog.get_by_role("button", name="Cancelar la corrida").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text(re.compile("Cancelada$"))).to_be_visible()
        expect(page.get_by_text("La corrida fue cancelada.")).to_be_visible()
    finally:
        httpx.post(faults, json={})


@pytest.mark.slow
def test_production_asks_again_and_refuses_a_demonstration(page: Page, stack: Stack):
    page.goto(f"{stack.url}?env=production")
    page.get_by_role("button", name="Ejecutar respaldo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Continuar …").click()
    expect(dialog.get_by_text("Esto escribe en PRODUCCIÓN")).to_be_visible()
    expect(dialog.get_by_text("Se reemplazan los archivos de la campaña")).to_be_visible()
    dialog.get_by_role("button", name="Ejecutar en producción").click()
    run_shown(page)
    expect(page.get_by_role("heading", name=re.compile("PRODUCCIÓN$"))).to_be_visible()
    expect(page.get_by_text(re.compile("Falló$"))).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


@pytest.mark.slow
def test_f37_a_click_while_the_server_is_down_says_so_and_queues_nothing(page: Page, stack: Stack, tmp_path: Path):
    known = runs_known(stack)
    with Relay(urlsplit(stack.prefect_api).port or 0) as relay, running_dashboard(tmp_path, relay.api) as dashboard:
        open_form(page, dashboard.url)
        relay.close()
        clicked = time.monotonic()
        page.get_by_role("button", name="Ejecutar ahora").click()
        told = page.get_by_role("dialog").get_by_text("no responde")
        expect(told).to_be_visible(timeout=5_000)
        assert time.monotonic() - clicked < 5
        expect(page.get_by_text("Traceback")).to_have_count(0)
    assert runs_known(stack) == known
