"""The short form of a grid: seven whole cells of one field become their parent, and so on up.

Nothing of the fields is lost: cells that a boundary cuts and cells with markers stay as they are, and `expanded` gives
the others back. Zones have a file of their own (`ZONE_GRID`), text is what H3 makes of a number: both are left out.

An H3 cell does not cover quite the same ground as its seven children, so the parent stands for these and its
`celda_ha` is theirs. (A pentagon has six children and is never filled; all twelve lie in the sea.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.geometry.measures import measure_polygons
from modules.h3_grid.cells import ancestors, outlines, resolutions_of
from modules.h3_grid.grid import (
    CELL,
    CELL_HECTARES,
    CELL_TEXT,
    FIELD_HECTARES,
    FIELD_SHARE,
    GRID,
    MARKERS,
    SAMPLES,
    ZONE_SHARE,
)

RESOLUTION: Final = "resolucion"
_CHILDREN: Final = 7
_SUMMED: Final = (CELL_HECTARES, FIELD_HECTARES)
_LEFT_OUT: Final = (CELL_TEXT, "ambiente_id", "ambiente", ZONE_SHARE)
_KEPT: Final = [column for column in GRID if column.name not in _LEFT_OUT]
#: Cells of several resolutions, sorted by cell and field.
COMPACT_GRID: Final = pa.schema([_KEPT[0], pa.field(RESOLUTION, pa.int8(), nullable=False), *_KEPT[1:]])


def compacted(table: pa.Table) -> pa.Table:
    """Shorten a grid (`GRID`) to `COMPACT_GRID`."""
    cells = table[CELL].to_numpy().copy()
    sums = {name: table[name].to_numpy().copy() for name in _SUMMED}
    group = pc.dictionary_encode(table["lote_id"].combine_chunks()).indices.to_numpy()
    row = np.arange(len(cells))  # the row of the grid that a cell takes its names from
    open_ = np.flatnonzero(_compactable(table))
    kept = [np.setdiff1d(row, open_, assume_unique=True)]
    while len(open_):
        level = int(resolutions_of(cells[open_])[0])
        if level == 0:
            break
        parents = ancestors(cells[open_], level - 1)
        order = np.lexsort((parents, group[open_]))
        open_, parents = open_[order], parents[order]
        first = np.flatnonzero(np.concatenate([[True], (np.diff(parents) != 0) | (np.diff(group[open_]) != 0)]))
        counts = np.diff([*first, len(open_)])
        full = counts == _CHILDREN
        kept.append(open_[~np.repeat(full, counts)])
        for values in sums.values():
            values[open_[first[full]]] = np.add.reduceat(values[open_], first)[full]
        heads = open_[first[full]]
        cells[heads] = parents[first[full]]
        open_ = heads
    kept.append(open_)
    return _compact_table(table, np.concatenate(kept), cells, sums)


def expanded(table: pa.Table, resolution: int) -> pa.Table:
    """Give the grid back that `compacted` shortened, but for what it leaves out; `resolution` is that of its cells.

    For programs that read a stored short form (docs/h3.md); the dashboard reads either form as it is.
    """
    from h3ronpy import change_resolution_list

    cells = table[CELL].to_numpy()
    coarse = resolutions_of(cells) < resolution
    children = pa.array(change_resolution_list(pa.array(cells[coarse]), resolution))
    row = np.concatenate([np.flatnonzero(~coarse), np.repeat(np.flatnonzero(coarse), children.value_lengths())])
    all_cells = np.concatenate([cells[~coarse], children.values.to_numpy()])
    rows = table.drop_columns([RESOLUTION]).take(row)
    whole = np.arange(len(row)) >= (~coarse).sum()
    cell_ha = rows[CELL_HECTARES].to_numpy().copy()
    factor = rows[FIELD_HECTARES].to_numpy() / cell_ha
    hectares = rows[FIELD_HECTARES].to_numpy().copy()
    if whole.any():
        cell_ha[whole] = measure_polygons(outlines(all_cells[whole])).hectares
        hectares[whole] = cell_ha[whole] * factor[whole]
    return _sorted(_replaced(rows, all_cells, {CELL_HECTARES: cell_ha, FIELD_HECTARES: hectares}))


def _compactable(table: pa.Table) -> NDArray[np.bool_]:
    points = table[SAMPLES].to_numpy() + table[MARKERS].to_numpy()
    result: NDArray[np.bool_] = (table[FIELD_SHARE].to_numpy() == 1) & (points == 0)
    return result


def _compact_table(
    table: pa.Table, rows: NDArray[np.int64], cells: NDArray[np.uint64], sums: dict[str, NDArray[np.float64]]
) -> pa.Table:
    kept = table.select([column.name for column in _KEPT]).take(rows)
    short = _replaced(kept, cells[rows], {name: values[rows] for name, values in sums.items()})
    resolution = pa.array(resolutions_of(cells[rows]).astype(np.int8))
    return _sorted(short.add_column(1, COMPACT_GRID.field(RESOLUTION), resolution))


def _replaced(table: pa.Table, cells: NDArray[np.uint64], values: dict[str, NDArray[np.float64]]) -> pa.Table:
    columns = {CELL: pa.array(cells)} | {name: pa.array(each) for name, each in values.items()}
    arrays = [columns.get(name, table[name]) for name in table.column_names]
    return pa.table(arrays, schema=table.schema)


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([(CELL, "ascending"), ("lote_id", "ascending")])
