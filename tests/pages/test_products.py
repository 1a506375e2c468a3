"""Files of the products: named and told as people know them, found by a word, chosen for one zip."""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.services.bundles import mark_of
from modules.environments import Environment
from modules.h3_grid.request import GridRequest
from modules.h3_grid.run import run_grid
from modules.i18n.notices import notice
from modules.kmz_products.index import INDEX, LINKS, IndexEntry, encode_index
from modules.storage.roots import Folder, root_of
from tests.faults.backups import SEASON, settings_of
from tests.pages.conftest import words_of
from tests.pages.test_archivos import links_of
from tests.unit.kmz_products.snapshots import home_with_snapshot, make_kmz

Open = Callable[..., AppTest]
FARM = Folder.KMZ_BY_FARM.value
FIELD = Folder.KMZ_BY_FIELD.value


def write_many(home: Path, count: int) -> Path:
    """A folder of `count` fields whose index tells of all."""
    folder = root_of(home, Environment.TEST) / FIELD
    folder.mkdir(parents=True)
    entries = {}
    for number in range(count):
        crop = "maíz" if number % 2 else "soja"
        entry = IndexEntry(f"La Loma - {number}", "25/26", "La Loma", 1, 3, 0, 12.5, "2026-11-23T06:00:00+00:00", "s")
        entries[f"La Loma - {number} 25-26.kmz"] = IndexEntry(
            **{name: getattr(entry, name) for name in entry.__struct_fields__} | {"crops": [crop]}
        )
    for name in (*entries, LINKS):
        (folder / name).write_bytes(b"kmz")
    (folder / INDEX).write_bytes(encode_index(FIELD, entries))
    return folder


def test_a_kmz_says_what_is_in_it(open_page: Open, home: Path):
    home_with_snapshot(home, 12)
    make_kmz(home)
    words = words_of(open_page("archivos", path=FARM))
    assert "La Escondida · 25/26" in words
    assert "4 lotes, 12 ambientes, 4 marcadores · " in words
    assert " ha · " in words
    assert "soja" in words
    assert INDEX not in words


def test_a_map_says_what_is_in_it(open_page: Open, home: Path):
    home_with_snapshot(home, 12)
    make_kmz(home, products=[], html_map=True, farms=["C1", "C0"], crops=["soja", "maíz"])
    words = words_of(open_page("archivos", path=Folder.HTML_MAP.value))
    assert "El Ñandú, La Escondida, maíz, soja · 25/26" in words
    assert "lotes, " in words
    assert " ha · maíz, soja" in words
    assert INDEX not in words


def draw_headline(warnings: list[dict[str, object]]) -> None:
    from app.components.kmz_outcome import headline
    from modules.kmz_products.result import KmzResult

    headline(KmzResult(fields=4, snapshot_at="2026-11-23T06:00:00+00:00", warnings=warnings))


def test_the_page_of_a_run_says_what_has_to_be_said_about_its_map():
    warnings = [notice("Outlines are simplified for this picture, by {metres} m at most.", metres="2")]
    page = AppTest.from_function(draw_headline, default_timeout=30, args=(warnings,)).run()
    assert not page.exception
    assert [warning.value.replace("\\", "") for warning in page.warning] == [
        "Los contornos están simplificados para este dibujo, en 2 m como máximo."
    ]


def test_a_grid_says_what_is_in_it(open_page: Open, home: Path):
    home_with_snapshot(home, 12)
    run_grid(GridRequest(Environment.TEST, "run", SEASON, resolution=9), settings_of(home))
    (root_of(home, Environment.TEST) / Folder.H3 / "of others.parquet").write_bytes(b"PAR1")
    words = words_of(open_page("archivos", path="H3"))
    assert words.count("Resolución 9 · 12 lotes · ") == 3
    assert "GeoParquet" in words


@pytest.mark.parametrize("content", [b"", b"{", b'{"product": "x", "files": {"La Loma - 1 25-26.kmz": 1}}'])
def test_a_damaged_index_leaves_the_files(open_page: Open, home: Path, content: bytes):
    (write_many(home, 3) / INDEX).write_bytes(content)
    assert "La Loma - 1 25-26.kmz" in words_of(open_page("archivos", path=FIELD))


def work_of(draw: Callable[[], object]) -> float:
    """The processor time of a drawing once all is imported: seconds, the less of two."""
    seconds = []
    for _time in range(3):
        began = process_time()
        draw()
        seconds.append(process_time() - began)
    return min(seconds[1:])


def test_thirty_times_the_files_are_not_thirty_times_the_work(open_page: Open, home: Path):
    folder = write_many(home, 50)
    few = work_of(lambda: open_page("archivos", path=FIELD))
    shutil.rmtree(folder)
    write_many(home, 1500)
    assert work_of(lambda: open_page("archivos", path=FIELD)) < 5 * few


def test_a_long_folder_is_natural_and_searched(open_page: Open, home: Path):
    write_many(home, 1500)
    page = open_page("archivos", path=FIELD)
    words = words_of(page)
    assert words.index("La Loma - 2 · 25/26") < words.index("La Loma - 10 · 25/26")
    assert "Página 1 de 31" in words
    page.text_input(key="files-find").set_value("LOMA 149 maiz").run()
    assert page.query_params["find"] in ("LOMA 149 maiz", ["LOMA 149 maiz"])
    found = [line for line in words_of(page).splitlines() if line.startswith("La Loma")]
    assert found == [f"La Loma - {number} · 25/26" for number in (149, 1149, 1491, 1493, 1495, 1497, 1499)]
    page.text_input(key="files-find").set_value("nowhere").run()
    assert "Nada acá se llama así." in words_of(page)


def test_what_is_ticked_becomes_one_zip(open_page: Open, home: Path):
    write_many(home, 60)
    page = open_page("archivos", path=FIELD)
    assert ("Descargar todo", "/zip/test/KMZ%20POR%20LOTE") in links_of(page)
    names = [f"La Loma - {number} 25-26.kmz" for number in (3, 7)]
    for name in names:
        page.checkbox(key=f"choose-test/{FIELD}-{mark_of(name)}").check().run()
    address = f"/zip/test/KMZ%20POR%20LOTE?only={','.join(sorted(map(mark_of, names)))}"
    assert ("Descargar los elegidos", address) in links_of(page)
    assert "2 archivos · 6 B" in words_of(page)
    page.text_input(key="files-find").set_value("59").run()  # they stay chosen while others are looked for
    page.button(key="choose-found").click().run()
    assert "3 archivos · 9 B" in words_of(page)
    page.button(key="choose-none").click().run()
    assert "61 archivos" in words_of(page)


def test_a_folder_too_large_for_a_zip_says_so(open_page: Open, home: Path):
    with (write_many(home, 2) / "huge.kmz").open("wb") as file:
        file.truncate(21 * 10**9)
    page = open_page("archivos", path=FIELD)
    assert "demasiado para un zip" in page.error[0].value
    assert "La Loma - 1 · 25/26" in words_of(page)


def drawn_figures(left: dict[str, object]) -> None:
    from app.components.grid_outcome import grid_figures
    from modules.h3_grid.result import GridResult

    grid_figures(GridResult.from_dict(left))


@pytest.mark.parametrize("recorded", [True, False], ids=["of this version", "of an older one"])
def test_a_run_tells_the_mean_cell_of_its_own_grid(home: Path, recorded: bool):
    home_with_snapshot(home, 12)
    left = run_grid(GridRequest(Environment.TEST, "run", SEASON, resolution=10), settings_of(home)).to_dict()
    path = root_of(home, Environment.TEST) / Folder.H3 / left["files"][0]["name"]
    mean_ha = pq.read_table(path, columns=["celda_ha"])["celda_ha"].to_numpy().mean()
    if not recorded:
        del left["mean_cell_ha"]
    page = AppTest.from_function(drawn_figures, default_timeout=30, args=(left,)).run()
    assert not page.exception
    (row,) = page.table[0].value.to_dict("records")
    told = row.get("Celda media", "").replace("\\", "")  # which keeps Markdown from reading it
    assert told == (f"{mean_ha:.2f} ha".replace(".", ",") if recorded else "")
