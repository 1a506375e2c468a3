"""Nonsense on the command line of `up` is refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely

from app.stack.options import UpOptions
from modules.errors import RequestError
from tests.conftest import run_command


@pytest.fixture
def map_layer(tmp_path: Path) -> Path:
    path = tmp_path / "norte.geojson"
    box = shapely.box(-60, -34, -59.99, -33.99)
    geopandas.GeoDataFrame({"superficie_ha": ["12,3 ha"]}, geometry=[box], crs=4326).to_file(path)
    return path


@pytest.mark.parametrize("address", ["nonsense", "", "ftp://portal.example", "http://"])
def test_a_portal_without_an_address_is_refused(address: str) -> None:
    with pytest.raises(RequestError, match="no es una dirección"):
        UpOptions(portal=address).check()


def test_a_portal_and_files_are_refused(map_layer: Path) -> None:
    with pytest.raises(RequestError, match="--portal y --data"):
        UpOptions(portal="https://portal.example", data=[map_layer]).check()


def test_a_file_that_is_no_map_layer_is_refused(map_layer: Path, tmp_path: Path) -> None:
    table = tmp_path / "lista.csv"
    table.write_text("lote,cultivo\n1,soja\n")

    with pytest.raises(RequestError, match=r"lista\.csv no tiene formas"):
        UpOptions(data=[map_layer, table]).check()


def test_what_makes_sense_is_let_through(map_layer: Path) -> None:
    UpOptions(portal="https://portal.example:8443/api/").check()
    UpOptions(data=[map_layer]).check()


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    ended = run_command("up", "--home", str(tmp_path), "--no-browser", "--seed", "-1", timeout=30)

    assert ended.returncode == 2
    assert list(tmp_path.iterdir()) == []
