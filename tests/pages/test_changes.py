"""What changed since the backup before, as the pages say it."""

from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

import pyogrio
import pytest
from streamlit.testing.v1 import AppTest

from app.services.changes import comparison
from modules.environments import Environment
from modules.storage.pickup import find_file
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.conftest import words_of as written_words_of
from tests.pages.snapshots import write_snapshot
from tests.pages.test_archivos import links_of
from tests.unit.changes.evolved import FIRST, SECOND, evolved_home
from tests.unit.snapshots.invented import source_of

Open = Callable[..., AppTest]
LINE = "+2 lotes · −1 · 1 dividido · 1 movido · 1 renombrado · 1 con otros datos · +26,5 ha"


def words_of(page: AppTest) -> str:
    return written_words_of(page).replace("\u00a0", " ")


def compared(home: Path) -> None:
    """Wait until the newest two are compared: pages wait less, and nothing here draws a part of them again."""
    now, before, *_ = store_of(home).published()
    wait([comparison(before, now)])


def evolved(home: Path) -> None:
    evolved_home(home)
    compared(home)


def section(run: str, language: str = "es") -> None:
    """What a backup's page draws of its snapshot, as a page of its own beside one where the map would be."""
    from unittest.mock import patch

    import streamlit as st

    from app.components import address
    from app.components.changes_section import changes_section
    from modules.i18n import use_language

    def drawn() -> None:
        with use_language(language), patch.object(address, "MAP", on_map):
            changes_section(address.environment(), run)

    on_map = st.Page(lambda: None, title="map", url_path="mapa")
    st.navigation([st.Page(drawn, default=True), on_map], position="hidden").run()


def drawn(run: str = SECOND[:8]) -> AppTest:
    return AppTest.from_function(section, args=(run,), default_timeout=30).run()


def table_of(page: AppTest) -> list[list[str]]:
    return page.table[0].value.values.tolist()


def test_home_says_what_changed_since_which_backup(open_page: Open, home: Path):
    evolved(home)
    page = open_page()
    assert not page.exception
    told = words_of(page)
    assert LINE in told
    assert "Desde el respaldo anterior (hoy" in told
    page.button(key=f"changes-{store_of(home).published()[0].id}").click().run()
    assert not page.exception
    assert page.get("dialog")[0].proto.dialog.title == "Cambios"


def test_home_says_that_nothing_changed_and_that_there_is_nothing_to_compare(open_page: Open, home: Path):
    settings = settings_of(home)
    back_up(settings, source_of(), run_id=FIRST)
    assert "Es el primer respaldo de esta campaña: no hay con qué compararlo." in words_of(open_page())
    back_up(settings, source_of(), run_id=SECOND)
    compared(home)
    page = open_page()
    assert "Nada cambió." in words_of(page)
    assert not [button for button in page.button if button.key and button.key.startswith("changes-")]


def test_a_backup_that_cannot_be_compared_does_not_take_the_page_along(open_page: Open, home: Path):
    evolved_home(home)
    (store_of(home).published()[1].path / "lotes.parquet").unlink()
    compared(home)
    page = open_page()
    assert not page.exception
    assert "no se puede comparar" in words_of(page)
    assert page.button(key="run-backup")


def test_the_section_names_each_field_and_what_happened_to_it(home: Path):
    evolved(home)
    page = drawn()
    assert not page.exception
    rows = {row[0]: row for row in table_of(page)}
    assert rows["6"][1:] == ["La Escondida", "eliminado", "26\\,5\u00a0ha", "–"]
    assert rows["5"][2].endswith("maíz → girasol")
    assert "El 2 \\[bold\\]" in rows
    assert "Marcadores: 12 cambiados" in words_of(page)
    assert "Comparado con el respaldo anterior" in words_of(page)


def test_the_layer_is_made_and_can_be_fetched(home: Path):
    evolved(home)
    page = drawn()
    (make,) = [button for button in page.button if button.label.startswith("Capa de mapa")]
    make.click().run()
    assert not page.exception
    (target,) = [target for _label, target in links_of(page) if target.startswith("/exports/")]
    assert len(pyogrio.read_dataframe(find_file(home, target.removeprefix("/exports/")))) == 8


def test_a_backup_of_some_farms_is_not_held_against_one_of_all(home: Path):
    settings = settings_of(home)
    back_up(settings, source_of(), run_id=FIRST)
    back_up(settings, source_of(), run_id=SECOND, farms=["C0"])
    assert "Es el primer respaldo de estos campos en esta campaña" in words_of(drawn())


@pytest.mark.parametrize("run", ["00000000", SECOND[:8]])
def test_what_is_not_there_is_said_in_a_sentence(home: Path, run: str):
    write_snapshot(home, Environment.TEST, run_id=FIRST)
    page = drawn(run)
    assert not page.exception
    assert "No hay" in words_of(page)
