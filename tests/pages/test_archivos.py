"""Files: folders as people know them, what is inside in words, a download for each file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from modules.environments import Environment
from modules.storage.roots import Folder, root_of
from tests.pages.conftest import words_of
from tests.pages.snapshots import write_snapshot

Open = Callable[..., AppTest]


def links_of(page: AppTest) -> list[tuple[str, str]]:
    found = page.get("page_link") + page.get("link_button")
    return [
        (link.proto.label, getattr(link.proto, "query_string", "") or getattr(link.proto, "url", "")) for link in found
    ]


def test_an_empty_environment_tells_the_first_step(open_page: Open):
    assert "Los crea el primer respaldo" in words_of(open_page("archivos"))


def test_folders_come_with_what_they_hold(open_page: Open, home: Path):
    (root_of(home, Environment.TEST) / Folder.CROPS).mkdir(parents=True)
    assert "Lotes actuales, un archivo por cultivo" in words_of(open_page("archivos"))


def test_a_snapshot_is_named_by_its_moment_and_its_fields(open_page: Open, home: Path):
    folder = write_snapshot(home, Environment.TEST, fields=312, hectares=25412.0)
    page = open_page("archivos", path="Backup_Databaler/25-26")
    labels = " ".join(label for label, _target in links_of(page))
    assert "03:\u206000 · 312 lotes · 25\\.412 ha" in labels
    assert folder.name not in labels


def test_a_file_of_a_snapshot_has_its_download(open_page: Open, home: Path):
    folder = write_snapshot(home, Environment.TEST)
    page = open_page("archivos", path=f"Backup_Databaler/25-26/{folder.name}")
    assert f"/files/test/Backup_Databaler/25-26/{folder.name}/backup.gpkg" in [
        target for _label, target in links_of(page)
    ]
    assert "Las cuatro capas en un GeoPackage, para QGIS" in words_of(page)


def test_quarantine_is_not_shown(open_page: Open, home: Path):
    write_snapshot(home, Environment.TEST, held_back=True)
    assert "cuarentena" not in words_of(open_page("archivos", path="Backup_Databaler/25-26"))
    refused = open_page("archivos", path="Backup_Databaler/25-26/_cuarentena")
    assert "No hay ninguna carpeta" in refused.error[0].value


@pytest.mark.parametrize("path", ["..", "../outputs", "/etc", "cultivos/../../", "nowhere"])
def test_a_path_that_is_no_folder_of_ours_is_told_so(open_page: Open, home: Path, path: str):
    page = open_page("archivos", path=path)
    assert not page.exception
    assert len(page.error) == 1
