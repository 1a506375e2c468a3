"""Any table with geometries as a source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from modules.geometry.batches import Geometries
from modules.tiles.columns import Column, columns_of
from modules.tiles.shapes import shapes_of
from modules.tiles.vector import VectorSource


def table_source(
    table: pa.Table,
    geometry: Geometries,
    names: pa.Array | pa.ChunkedArray,
    *,
    hectares: str | None = None,
    searched: Sequence[str] = (),
    ordered: bool = False,
    apart: str | None = None,
) -> VectorSource:
    """Make a source of rows that are in memory.

    table:    n rows, `id` among its columns; all of them can be asked for
    geometry: shape (n,), WGS84 lon/lat
    names:    (n,) what people call each row
    hectares: the column that holds them; searched, ordered, apart: as `VectorSource` has them
    """
    return VectorSource(
        shapes_of([geometry]),
        columns_of(table, table.column_names),
        Column.of(names),
        hectares=None if hectares is None else table[hectares].fill_null(0).to_numpy().astype(np.float64),
        searched=searched,
        ordered=ordered,
        apart=apart,
    )
