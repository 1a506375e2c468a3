"""Options of the commands that start a run, and what they tell when there is nothing to tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.commands.backup import told_backup
from app.commands.grid import RESOLUTIONS, told_grid
from app.commands.kmz import told_kmz
from flows.grilla_h3 import Resolucion
from modules.errors import RequestError, StackError
from modules.h3_grid.result import GridResult
from modules.i18n import use_language
from modules.kmz_products.result import KmzResult, ProductResult


@pytest.fixture(autouse=True)
def _spanish():
    with use_language("es"):
        yield


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--home", str(home)])


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["kmz", "--producto", "KMZ POR LOTES"], "“KMZ POR LOTE”, “MAPA HTML”"),
        (["kmz", "--etiquetas", "hectáreas"], "“nombre y hectáreas”"),
        (["grid", "--resolucion", "4"], "“5”"),
    ],
)
def test_a_value_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, arguments: list[str], known: str):
    error = run(tmp_path, *arguments).exception
    assert isinstance(error, RequestError)
    assert f"“{arguments[-1]}”" in error.sentence()
    assert known in error.sentence()


@pytest.mark.parametrize("place", [1, 3])
def test_a_value_that_is_refused_is_told_in_json_too_wherever_that_was_asked_for(tmp_path: Path, place: int):
    arguments = ["kmz", "--producto", "KMZ POR LOTES"]
    arguments.insert(place, "--json")
    ended = run(tmp_path, *arguments)
    assert isinstance(ended.exception, RequestError)
    assert json.loads(ended.stdout) == {"state": None, "error": str(ended.exception)}


@pytest.mark.parametrize("command", ["backup", "kmz", "grid"])
def test_a_season_that_is_none_is_refused_before_anything_starts(tmp_path: Path, command: str):
    ended = run(tmp_path, command, "--campania", "25/27", "--json")
    assert isinstance(ended.exception, RequestError)
    told = json.loads(ended.stdout)
    assert told["state"] is None
    assert "25/27" in told["error"]


@pytest.mark.parametrize(
    "arguments", [["kmz", "--producto", "kmz por lote", "--producto", "mapa html", "--etiquetas", "Nada"], ["grid"]]
)
def test_what_is_there_is_taken_whatever_its_capitals(tmp_path: Path, arguments: list[str]):
    assert isinstance(run(tmp_path, *arguments).exception, StackError)  # the options are right, and no stack runs


def test_resolutions_are_those_of_the_flow():
    literal, _field = get_args(Resolucion)
    assert get_args(literal) == RESOLUTIONS


@pytest.mark.parametrize("tell", [told_backup, told_kmz, told_grid])
def test_a_run_without_a_result_has_the_same_keys_with_nulls(tell):
    assert set(tell({}).values()) == {None}


def test_what_is_told_of_a_result():
    kmz = KmzResult(season="25/26", snapshot="S", fields=3, products={"KMZ POR LOTE": ProductResult(files=3)}).to_dict()
    assert told_kmz({}).keys() == told_kmz(kmz).keys()
    assert (told_kmz(kmz)["snapshot"], told_kmz(kmz)["files"], told_kmz(kmz)["warnings"]) == ("S", 3, [])
    grid = GridResult(snapshot_id="S", resolution=9, files=[{"name": "a", "path": "H3/a", "bytes": 1}]).to_dict()
    assert told_grid({}).keys() == told_grid(grid).keys()
    assert (told_grid(grid)["snapshot"], told_grid(grid)["resolution"], told_grid(grid)["warnings"]) == ("S", 9, [])
