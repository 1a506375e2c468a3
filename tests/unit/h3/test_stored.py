"""Grids of a folder, told by what their files say of themselves."""

import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from modules.environments import Environment
from modules.h3_grid.request import GridRequest
from modules.h3_grid.run import run_grid
from modules.h3_grid.stored import list_grids
from modules.storage.roots import Folder, root_of
from tests.faults.backups import SEASON, settings_of


@pytest.fixture
def folder(twelve: Path, tmp_path: Path) -> Path:
    """Two grids, that of soja the newer one."""
    settings = settings_of(shutil.copytree(twelve, tmp_path, dirs_exist_ok=True))
    folder = root_of(tmp_path, Environment.TEST) / Folder.H3
    for age, crops, resolution in ((60, [], 9), (30, ["soja"], 10)):
        before = set(folder.glob("*")) if folder.exists() else set()
        run_grid(GridRequest(Environment.TEST, "run", SEASON, ["La Escondida"], crops, resolution), settings)
        for path in set(folder.glob("*")) - before:
            os.utime(path, (1_790_000_000 - age,) * 2)
    return folder


def test_grids_are_listed_newest_first_with_what_they_are_of(folder: Path):
    told = [(grid.season, list(grid.farms), list(grid.crops), grid.resolution) for grid in list_grids(folder)]
    assert told == [("25/26", ["La Escondida"], ["soja"], 10), ("25/26", ["La Escondida"], [], 9)]


def test_a_file_that_cannot_be_read_is_there_and_one_that_is_no_grid_is_not(folder: Path):
    cells = pq.read_table(list_grids(folder)[0].path)
    pq.write_table(cells.select(["h3"]), folder / "lotes otros.parquet")
    broken = folder / "lotes 24-25 res 9.parquet"
    broken.write_bytes(b"PAR1")
    told = [(grid.path.name, grid.resolution) for grid in list_grids(folder)]
    assert told[0] == (broken.name, 0)
    assert len(told) == 3


def test_a_grid_made_again_is_read_again(folder: Path):
    newest = list_grids(folder)[0]
    pq.write_table(pq.read_table(newest.path).replace_schema_metadata(None), newest.path)
    assert list_grids(folder)[0].season == ""


def test_no_folder_holds_no_grid(tmp_path: Path):
    assert list_grids(tmp_path / "H3") == []
