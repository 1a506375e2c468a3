"""Figures of a grid straight from its file: by cell at a resolution to look at, by farm, by crop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modules.errors import StorageError
from modules.geometry.measures import measure_polygons
from modules.h3_grid.cells import Cells, ancestors, outlines, resolutions_of
from modules.h3_grid.grid import CELL, FIELD_HECTARES, MARKERS, SAMPLES
from modules.h3_grid.parents import FIELDS, NEEDED, parents
from modules.h3_grid.resolution import COARSEST
from modules.i18n import N_

T = TypeVar("T")

CELLS: Final = "celdas"
_TEXTS: Final = ("lote_id", "campo", "cultivo")


def read_figures(path: Path, resolution: int, crop: str | None = None) -> pa.Table:
    """Read hectares, samples, markers, fields, farm and the share of a crop for each cell of `resolution`.

    Gives `PARENTS`. path: a grid, or its short form, as Parquet. Raises StorageError for a file that cannot be read,
    RequestError for a resolution finer than the grid's.
    """
    return _told(path, lambda: parents(_read(path, NEEDED), resolution, crop))


class Level(NamedTuple):
    """A resolution of a grid: how many cells it has, and the hectares of one of them.

    Cells of a resolution differ by half over the globe (H3's mean is none of a country's); near each other hardly.
    """

    cells: int
    cell_ha: float


def read_levels(path: Path) -> dict[int, Level]:
    """Tell of a grid's own resolution and of each coarser one, finest first; {} for an empty grid.

    Raises StorageError for a file that cannot be read.
    """
    return _told(path, lambda: _levels(np.unique(_read(path, [CELL])[CELL].to_numpy())))


def read_sums(path: Path, by: str) -> pa.Table:
    """Sum a grid up by a column of text (`campo`, `cultivo`): fields, cells, hectares, samples, markers.

    Sorted by hectares, the most first. Raises StorageError for a file that cannot be read.
    """
    return _told(path, lambda: _sums(_read(path, NEEDED), by))


def _levels(cells: Cells) -> dict[int, Level]:
    levels = {}
    finest = int(resolutions_of(cells[:1])[0]) if len(cells) else COARSEST - 1
    for resolution in range(finest, COARSEST - 1, -1):
        cells = np.unique(ancestors(cells, resolution))
        middle = outlines(cells[len(cells) // 2 :][:1])
        levels[resolution] = Level(len(cells), float(measure_polygons(middle).hectares[0]))
    return levels


def _sums(table: pa.Table, by: str) -> pa.Table:
    grouped = table.group_by(by).aggregate(
        [
            ("lote_id", "count_distinct"),
            (CELL, "count_distinct"),
            *((name, "sum") for name in (FIELD_HECTARES, SAMPLES, MARKERS)),
        ]
    )
    names = {"lote_id_count_distinct": FIELDS, f"{CELL}_count_distinct": CELLS, by: by}
    renamed = grouped.rename_columns([names.get(name, name.removesuffix("_sum")) for name in grouped.column_names])
    ordered = renamed.select([by, FIELDS, CELLS, FIELD_HECTARES, SAMPLES, MARKERS])
    text = ordered.set_column(0, by, pc.cast(ordered[by], pa.string()))
    return text.sort_by([(FIELD_HECTARES, "descending"), (by, "ascending")])


def _read(path: Path, columns: Sequence[str]) -> pa.Table:
    texts = [name for name in _TEXTS if name in columns]
    return pq.read_table(path, columns=list(columns), read_dictionary=texts).unify_dictionaries()


def _told(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, pa.ArrowException, KeyError) as error:
        raise StorageError(
            N_("The grid “{file}” cannot be read. Make it again, or choose another one."), file=path.name
        ) from error
