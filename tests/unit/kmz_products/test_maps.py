"""Maps among the products: one file for each choice, under the names of what was chosen, and none that is stale."""

import json
import shutil
from pathlib import Path

import pytest

from modules.html_map import writing
from modules.kmz_products.result import KmzResult
from tests.faults.backups import back_up, settings_of
from tests.unit.html_map.reading import parsed
from tests.unit.kmz_products.snapshots import home_with_snapshot, make_kmz
from tests.unit.snapshots.invented import fields, source_of


def maps_in(home: Path) -> set[str]:
    return {path.name for path in folder_of(home).glob("*.html")}


def folder_of(home: Path) -> Path:
    return home / "test_outputs" / "MAPA HTML"


def make_map(home: Path, farms: list[str] | None = None, crops: list[str] | None = None) -> KmzResult:
    return make_kmz(home, products=[], html_map=True, farms=farms or [], crops=crops or [])


@pytest.fixture
def home(twelve: Path, tmp_path: Path) -> Path:
    """La Escondida (C0), El Ñandú (C1) and San José (C2), four fields each."""
    return Path(shutil.copytree(twelve, tmp_path / "home"))


@pytest.mark.parametrize("farms", [["C0", "C1"], ["C1", "C0"], ["la escondida", "C1"], ["C1", "El Ñandú", "C0"]])
def test_a_choice_has_one_map_under_its_names_however_it_was_made(home: Path, farms: list[str]):
    make_map(home, ["C0", "C1"])
    made = make_map(home, farms)
    assert maps_in(home) == {"mapa 25-26 El Ñandú, La Escondida.html"}
    assert made.products["MAPA HTML"].kept == made.products["MAPA HTML"].removed == 0
    page = parsed(folder_of(home) / "mapa 25-26 El Ñandú, La Escondida.html")
    assert "Mapa de lotes 25/26 · El Ñandú, La Escondida" in page.texts  # the title
    assert "El Ñandú, La Escondida" in page.texts  # the heading
    assert not [text for text in page.texts if "C0" in text or "C1" in text]


def test_choices_that_a_name_cannot_hold_are_kept_apart(home: Path):
    whole = ["soja", "maíz", "trigo", "sin cultivo"]
    make_map(home, ["C0", "C1"], whole[:2])
    make_map(home, ["C0", "C1"], ["maíz", "trigo"])
    make_map(home, ["C0", "C1"], ["maíz", "sin cultivo"])
    names = sorted(maps_in(home))
    assert len(names) == 3
    assert all(name.startswith("mapa 25-26 El Ñandú, La Escondida, maíz y 1 más~") for name in names)


def test_a_farm_and_a_crop_of_one_name_have_a_map_each(tmp_path: Path):
    home = home_with_snapshot(tmp_path / "home", 4, fields=fields(4, campo_id="C0", campo="soja", cultivo="soja"))
    for _again in range(2):
        make_map(home, farms=["C0"])
        make_map(home, crops=["soja"])
    names = sorted(maps_in(home))
    assert names[0] == "mapa 25-26 soja.html"
    assert names[1].startswith("mapa 25-26 soja~")
    assert len(names) == 2
    told = json.loads((folder_of(home) / "index.json").read_text())["files"]
    assert [(told[name]["farms"], told[name]["crops"]) for name in names] == [(["C0"], []), ([], ["soja"])]


def test_the_index_tells_what_is_on_each_map(home: Path):
    result = make_map(home, ["C0"], ["soja"])
    make_map(home)
    told = json.loads((folder_of(home) / "index.json").read_text())
    assert told["product"] == "MAPA HTML"
    assert set(told["files"]) == maps_in(home) == {"mapa 25-26 La Escondida, soja.html", "mapa 25-26.html"}
    entry = told["files"]["mapa 25-26 La Escondida, soja.html"]
    assert (entry["title"], entry["farms"], entry["crops"]) == ("La Escondida, soja", ["C0"], ["soja"])
    assert (entry["fields"], entry["snapshot"]) == (result.fields, result.snapshot)
    assert entry["hectares"] == pytest.approx(result.hectares)
    assert told["files"]["mapa 25-26.html"]["title"] == "Todos los campos"


def test_maps_of_what_is_gone_go_away_and_those_of_others_stay(home: Path):
    for farms, crops in ((["C0"], []), (["C0", "C2"], []), ([], ["trigo"]), (["C1"], ["maíz"]), ([], [])):
        make_map(home, farms, crops)
    others = {"mapa 25-26 San José.html", "mapa 24-25 La Escondida.html", "mío.html"}
    for name in others:
        (folder_of(home) / name).write_text("mine")
    renamed = fields(12, campo_id="C0", campo="La Nueva", cultivo="soja")
    back_up(settings_of(home), source_of(12, fields=renamed), run_id="second")
    made = make_map(home).products["MAPA HTML"]
    assert maps_in(home) == {"mapa 25-26.html", *others}
    assert (made.removed, made.kept) == (4, 0)
    assert set(json.loads((folder_of(home) / "index.json").read_text())["files"]) == {"mapa 25-26.html"}


def test_a_chosen_map_leaves_the_maps_of_other_farms(home: Path):
    make_map(home, ["C0"])
    made = make_map(home, ["C1"]).products["MAPA HTML"]
    assert maps_in(home) == {"mapa 25-26 La Escondida.html", "mapa 25-26 El Ñandú.html"}
    assert (made.removed, made.kept) == (0, 1)


def test_what_has_to_be_said_about_a_map_stands_in_the_record(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "_MOST_BYTES", 1000)  # five megabytes of fields take long to make
    result = make_map(home)
    (warning,) = result.warnings
    assert "more than many mails carry" in warning["template"]
    assert KmzResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
