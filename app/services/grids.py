"""The H3 grids of an environment and what they sum up to. What was read of a file is kept until the file changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import missing_sentinels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from modules.environments import Environment
    from modules.h3_grid.figures import Level
    from modules.h3_grid.stored import StoredGrid


def grids(home: Path, environment: Environment) -> list[StoredGrid]:
    """List the grids, the newest first; one that cannot be read has resolution 0."""
    from modules.h3_grid.stored import list_grids

    return list_grids(root_of(home, environment) / Folder.H3)


def is_connected(home: Path) -> bool:
    """Tell whether the folder of production's grids is where its mark is."""
    return Folder.H3 not in missing_sentinels(home)


# Each of them is a megabyte or less of memory for the tens of thousands of cells that a page shows.
@lru_cache(maxsize=16)
def figures(grid: StoredGrid, resolution: int, crop: str | None) -> pa.Table:
    """Give the figures of each cell of a resolution. Raises StorageError, RequestError."""
    from modules.h3_grid.figures import read_figures

    return read_figures(grid.path, resolution, crop)


@lru_cache(maxsize=64)
def levels(grid: StoredGrid) -> Mapping[int, Level]:
    """Tell of the grid's resolution and each coarser one, finest first. Raises StorageError."""
    from modules.h3_grid.figures import read_levels

    return read_levels(grid.path)


@lru_cache(maxsize=64)
def sums(grid: StoredGrid, by: str) -> pa.Table:
    """Sum a grid up by `campo` or `cultivo`, the most hectares first. Raises StorageError."""
    from modules.h3_grid.figures import read_sums

    return read_sums(grid.path, by)


def mean_edge_m(resolution: int) -> float:
    """Tell the mean length of a cell's edge, in m."""
    from h3 import average_hexagon_edge_length

    return float(average_hexagon_edge_length(resolution, unit="m"))
