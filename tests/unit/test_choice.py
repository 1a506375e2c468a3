"""One choice of farms and crops means the same to the KMZ, the HTML map, the exports and the grid."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.services.backups import basis
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import RequestError
from modules.export import ExportRequest
from modules.export.choices import read_choices
from modules.export.selection import select
from modules.h3_grid.selection import select as select_for_grid
from modules.kmz_products.request import Product
from modules.snapshots.store import SnapshotStore
from tests.faults.backups import SEASON, assert_sentence
from tests.unit.kmz_products.snapshots import home_with_snapshot, make_kmz
from tests.unit.snapshots.invented import field_row, layer_of, outline

#: Counts the fields that a maker takes for some farms and crops.
Count = Callable[[Path, list[str], list[str]], int]


def store_of(home: Path) -> SnapshotStore:
    return SnapshotStore(home, Environment.TEST)


def of_kmz(home: Path, farms: list[str], crops: list[str]) -> int:
    made = make_kmz(home, products=[Product.BY_FIELD], farms=farms, crops=crops)
    return made.products[Product.BY_FIELD].features["lotes"]


def of_map(home: Path, farms: list[str], crops: list[str]) -> int:
    return make_kmz(home, products=[], html_map=True, farms=farms, crops=crops).products["MAPA HTML"].features["lotes"]


def of_export(home: Path, farms: list[str], crops: list[str]) -> int:
    (snapshot,) = store_of(home).published()
    return len(select(snapshot, ExportRequest(Layer.FIELDS, "csv", farms=farms, crops=crops)).table)


def of_grid(home: Path, farms: list[str], crops: list[str]) -> int:
    return len(select_for_grid(store_of(home), SEASON, farms, crops).fields.table)


MAKERS = [of_kmz, of_map, of_export, of_grid]


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Farms C0 and C1 share a name; a field each with soja, maíz, a blank crop, an empty one and none."""
    told = [("C0", "La Loma", "soja"), ("C1", "La Loma", "maíz"), ("C2", "Ñandú", "  "), ("C2", "Ñandú", ""),
            ("C2", "Ñandú", None)]  # fmt: skip
    rows = [
        field_row(number, campo_id=farm, campo=name, cultivo=crop) for number, (farm, name, crop) in enumerate(told)
    ]
    fields = layer_of(Layer.FIELDS, rows, [outline(number) for number in range(len(rows))])
    return home_with_snapshot(tmp_path_factory.mktemp("backed-up"), 5, fields=fields)


@pytest.fixture
def home(backed_up: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(backed_up, tmp_path / "home"))


@pytest.mark.parametrize("count", MAKERS)
@pytest.mark.parametrize(
    ("farms", "crops", "fields"),
    [
        ([], ["MAIZ"], 1),
        ([], ["sin cultivo"], 3),
        (["nandu"], [], 3),
        (["C0", "C1"], [], 2),
        (["C1", "C2"], ["maiz", "Sin Cultivo"], 4),
    ],
)
def test_one_choice_means_the_same_to_all(
    home: Path, count: Count, farms: list[str], crops: list[str], fields: int
) -> None:
    assert count(home, farms, crops) == fields


@pytest.mark.parametrize("count", MAKERS)
@pytest.mark.parametrize("name", ["", "  "])
def test_a_farm_without_a_name_is_chosen_by_what_its_files_are_called(tmp_path: Path, count: Count, name: str) -> None:
    rows = [field_row(number, campo_id=f"N{number}", campo=name if number else "La Loma") for number in range(2)]
    fields = layer_of(Layer.FIELDS, rows, [outline(number) for number in range(len(rows))])
    home = home_with_snapshot(tmp_path / "home", 2, fields=fields)
    assert count(home, ["sin campo"], []) == count(home, ["N1"], []) == 1


@pytest.mark.parametrize("count", MAKERS)
def test_a_name_of_two_farms_is_refused_by_all(home: Path, count: Count) -> None:
    with pytest.raises(RequestError, match="C0, C1") as caught:
        count(home, ["La Loma"], [])
    assert_sentence(caught.value)


@pytest.mark.parametrize("count", MAKERS)
@pytest.mark.parametrize(("farms", "crops", "near"), [(["La Lona"], [], "La Loma"), ([], ["sojas"], "soja")])
def test_what_is_not_there_is_refused_by_all_with_what_looks_like_it(
    home: Path, count: Count, farms: list[str], crops: list[str], near: str
) -> None:
    with pytest.raises(RequestError, match=f": {near}") as caught:
        count(home, farms, crops)
    assert_sentence(caught.value)


def test_forms_offer_blank_crops_as_none(home: Path) -> None:
    (snapshot,) = store_of(home).published()
    assert read_choices(snapshot).crops() == ["maíz", "soja", "sin cultivo"]
    assert basis(home, Environment.TEST, SEASON).choices.crops == ["maíz", "soja", "sin cultivo"]


def test_the_files_of_a_backup_put_blank_crops_together(home: Path) -> None:
    names = {path.name for path in (home / "test_outputs" / "cultivos").glob("*.gpkg")}
    assert names == {"maíz 25-26.gpkg", "soja 25-26.gpkg", "sin cultivo 25-26.gpkg"}
