"""Grids for pages to show, made by a grid run from a backup of invented fields."""

from collections.abc import Sequence
from pathlib import Path

from modules.environments import Environment
from modules.h3_grid.request import GridRequest
from modules.h3_grid.result import GridResult
from modules.h3_grid.run import run_grid
from tests.faults.backups import SEASON, back_up, settings_of
from tests.unit.snapshots.invented import source_of


def write_grid(
    home: Path, *, fields: int = 12, farms: Sequence[str] = (), crops: Sequence[str] = (), resolution: int = 9
) -> GridResult:
    """Back up fields of three farms and four crops where there is no backup yet, and make a grid of them."""
    settings = settings_of(home)
    if not (home / "test_outputs").exists():
        back_up(settings, source_of(fields))
    return run_grid(GridRequest(Environment.TEST, "run", SEASON, farms, crops, resolution), settings)
