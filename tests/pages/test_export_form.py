"""The dialog that exports: what it offers, what it makes, and how it says what cannot be made."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
from streamlit.testing.v1 import AppTest

from modules.export import FORMATS
from modules.storage.pickup import find_file
from modules.storage.roots import exports_of
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.conftest import words_of
from tests.pages.test_archivos import links_of
from tests.unit.changes.evolved import FIRST, SECOND
from tests.unit.export.readers import read
from tests.unit.kmz_products.snapshots import home_with_snapshot
from tests.unit.snapshots.invented import source_of

Open = Callable[..., AppTest]


def panel() -> None:
    """What the dialog holds, as a page of its own: AppTest runs a page from the top, where no dialog is open."""
    from app.components import address
    from app.components.export_form import export_panel
    from app.services.exports import snapshots
    from modules.i18n import use_language

    with use_language("es"):
        environment = address.environment()
        export_panel(environment, snapshots(address.settings().home, environment))


@pytest.fixture
def dialog(home: Path, twelve: Path) -> AppTest:
    shutil.copytree(twelve, home, dirs_exist_ok=True)
    return AppTest.from_function(panel, default_timeout=30).run()


def export(page: AppTest) -> AppTest:
    return page.button(key="export-go").click().run()


def made(page: AppTest, home: Path) -> Path:
    (address,) = [target for _label, target in links_of(page) if target.startswith("/exports/")]
    return find_file(home, address.removeprefix("/exports/"))


def test_without_a_backup_the_first_step_is_told(home: Path):
    page = AppTest.from_function(panel, default_timeout=30).run()
    assert "Primero hay que hacer un respaldo" in words_of(page)


def test_the_button_opens_the_dialog(open_page: Open, home: Path):
    home_with_snapshot(home, 12)
    page = open_page("archivos").button(key="export").click().run()
    assert page.get("dialog")[0].proto.dialog.title == "Exportar"
    assert page.button(key="export-go")


def test_all_that_a_backup_has_is_offered(dialog: AppTest):
    assert "12 lotes" in dialog.selectbox(key="export-snapshot").options[0]
    assert len(dialog.selectbox(key="export-format").options) == len(FORMATS) + 1  # and the map
    assert dialog.selectbox(key="export-layer").options == [
        "Lotes (12)", "Ambientes (36)", "Marcadores (12)", "Zonas (2)"
    ]  # fmt: skip
    assert "La Escondida" in dialog.multiselect(key="export-farms").options
    crs = dialog.selectbox(key="export-crs").options
    assert [each for each in crs if "propuesta" in each] == ["POSGAR 2007 faja 4 (propuesta)", "UTM 20S (propuesta)"]
    assert len(crs) == 9


def test_some_rows_in_chosen_coordinates(dialog: AppTest, home: Path):
    dialog.multiselect(key="export-farms").select("La Escondida").run()
    assert dialog.multiselect(key="export-fields").options == ["0", "3", "6", "9"]
    dialog.multiselect(key="export-fields").select("0").run()
    dialog.selectbox(key="export-crs").select("POSGAR 2007 faja 4 (propuesta)").run()
    page = export(dialog)
    path = made(page, home)
    assert path.name == "lotes 25-26 La Escondida 0 POSGAR 2007 faja 4.gpkg"
    assert read(path, "gpkg").ids == ["L000000"]
    assert pyogrio.read_info(path)["crs"] == "EPSG:5346"
    assert "1 fila" in page.success[0].value
    again = page.button(key="export-back").click().run()
    assert again.multiselect(key="export-farms").value == ["C0"]


def test_each_backup_offers_the_fields_that_it_has(home: Path):
    for run, count in ((FIRST, 5), (SECOND, 12)):
        back_up(settings_of(home), source_of(count), run_id=run)
    page = AppTest.from_function(panel, default_timeout=30).run()
    page.multiselect(key="export-farms").select("La Escondida").run()
    assert page.multiselect(key="export-fields").options == ["0", "3", "6", "9"]
    page.selectbox(key="export-snapshot").select_index(1).run()
    assert page.multiselect(key="export-farms").value == ["C0"]
    assert page.multiselect(key="export-fields").options == ["0", "3"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_can_be_asked_for(dialog: AppTest, home: Path, kind: str):
    dialog.selectbox(key="export-format").select_index(list(FORMATS).index(kind)).run()
    assert bool([each for each in dialog.selectbox if each.key == "export-crs"]) is FORMATS[kind].carries_crs
    assert len(read(made(export(dialog), home), kind).rows) == 12


def test_a_map_holds_all_layers(dialog: AppTest, home: Path):
    dialog.selectbox(key="export-format").select_index(len(FORMATS)).run()
    assert {each.key for each in dialog.selectbox} == {"export-snapshot", "export-format"}
    dialog.multiselect(key="export-farms").select("La Escondida").run()
    done = export(dialog)
    path = made(done, home)
    assert path.name == "mapa 25-26 La Escondida.html"
    assert [success.value for success in done.success if "fila" in success.value] == []
    assert '<html lang="es"' in path.read_text(encoding="utf-8")


def test_areas_are_chosen_by_farm_alone(dialog: AppTest, home: Path):
    dialog.selectbox(key="export-layer").select("Zonas (2)").run()
    assert [each.key for each in dialog.multiselect] == ["export-farms"]
    assert len(read(made(export(dialog), home), "gpkg").rows) == 2


def test_what_cannot_be_made_is_a_sentence_and_leaves_nothing(dialog: AppTest, home: Path):
    (snapshot,) = store_of(home).published()
    path = snapshot.path / "lotes.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    page = export(dialog)
    assert "No se exportó nada" in page.error[0].value
    assert list(exports_of(home).iterdir()) == []
    assert page.button(key="export-back").click().run().button(key="export-go")
