"""Home: what is well, the last backups, the button."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from app.services.passwords import note_password
from modules.environments import Environment
from modules.settings import KNOWN_PASSWORD
from modules.storage.roots import Folder
from modules.storage.sentinels import mark_production
from tests.pages.conftest import words_of
from tests.pages.snapshots import RUN, write_snapshot

Open = Callable[..., AppTest]


def test_a_new_installation_tells_the_first_step(open_page: Open):
    page = open_page()
    assert not page.exception
    assert words_of(page).count("Todavía no hay respaldos. Ejecutar el primero: 1 minuto.") == 1
    assert words_of(page).count("Las carpetas de producción no están conectadas") == 1


def test_marked_production_folders_without_backups_tell_the_first_step_too(open_page: Open, home: Path):
    mark_production(home, Folder.SNAPSHOTS)
    assert words_of(open_page()).count("Todavía no hay respaldos. Ejecutar el primero: 1 minuto.") == 2


def test_a_newer_backup_of_some_farms_does_not_hide_that_of_all(open_page: Open, home: Path):
    write_snapshot(home, Environment.TEST, fields=312, started=datetime(2026, 1, 5, 6, tzinfo=UTC))
    newer = str(UUID(int=1))
    write_snapshot(
        home, Environment.TEST, fields=7, started=datetime(2026, 1, 6, tzinfo=UTC), run_id=newer, farms=["a"]
    )
    told = words_of(open_page())
    assert "312 lotes" in told
    assert "7 lotes" not in told


def test_each_part_that_is_not_well_says_what_to_do(open_page: Open):
    told = words_of(open_page())
    assert "TRANQUERA\\_PORTAL\\_\\_URL" in told
    assert "El servidor de corridas no responde" in told or "Sin respuesta en dos segundos" in told
    assert "tranquera outputs init" in told


@pytest.mark.parametrize(("password", "warned"), [(KNOWN_PASSWORD, 1), ("own", 0), ("", 0)])
def test_a_password_that_everybody_knows_is_warned_of(open_page: Open, home: Path, password: str, warned: int):
    (home / "data").mkdir(exist_ok=True)
    note_password(home, password, in_file=False)
    assert words_of(open_page()).count("la contraseña que todos conocen") == warned


def test_the_last_backup_of_an_environment_stands_on_its_card(open_page: Open, home: Path):
    write_snapshot(home, Environment.TEST, fields=312, hectares=25412.4, started=datetime(2026, 1, 5, 6, tzinfo=UTC))
    told = words_of(open_page())
    assert "312 lotes · 25.412 ha" in told
    assert "Todavía no hay respaldos" not in told


def test_the_form_does_not_open_while_the_server_is_down(open_page: Open):
    page = open_page()
    page.button(key="run-backup").click().run()
    assert not page.exception
    assert "no responde" in " ".join(error.value for error in page.error)


def test_the_page_speaks_the_language_of_its_address(open_page: Open):
    assert open_page(lang="en").title[0].value == "Home"
    assert open_page(lang="xx").title[0].value == "Inicio"


def test_switches_write_to_the_address(open_page: Open):
    page = open_page(run="kept-by-nobody")
    page.button_group(key="chrome-environment").set_value(Environment.PRODUCTION).run()
    assert page.query_params["env"] == "production"
    assert "run" not in page.query_params
    page.button_group(key="chrome-language").set_value("en").run()
    assert page.query_params["lang"] == "en"
    assert page.title[0].value == "Home"


def test_a_backup_that_waits_for_a_decision_is_told_with_a_link_to_its_run(open_page: Open, home: Path):
    write_snapshot(home, Environment.TEST, held_back=True)
    page = open_page()
    assert not page.exception
    assert "Un respaldo de prueba espera una decisión" in page.warning[0].value
    assert any(f"run={RUN}" in str(link.proto) for link in page.get("page_link"))
