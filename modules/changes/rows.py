"""The rows of a layer, read a few columns and a few rows at a time: what did not change is hardly read at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from modules.changes.arrays import doubles_in, places_of
from modules.domain.columns import HECTARES
from modules.exporters.geoparquet import GEOMETRY
from modules.geometry.batches import Geometries, in_batches
from modules.geometry.measures import measure_polygons

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """n rows of a layer with their geometry as WKB in a column `geometry`, in WGS84.

    names: of the columns. read: gives columns of the rows at some places, which ascend, or of all
    """

    count: int
    names: Sequence[str]
    read: Callable[[Sequence[str], Indices | None], pa.Table]

    def has(self, *names: str) -> bool:
        """Tell whether all these columns are there."""
        return set(names) <= set(self.names)

    def holding(self, table: pa.Table) -> Rows:
        """Give the same rows, of which these columns of all have been read."""
        held = rows_of_table(table)

        def read(names: Sequence[str], places: Indices | None) -> pa.Table:
            return held.read(names, places) if held.has(*names) else self.read(names, places)

        return replace(self, read=read)

    def wkb(self, places: Indices | None = None) -> pa.ChunkedArray:
        """Read the WKB of the rows at these places, in any order, or of all."""
        if places is None:
            return self.read([GEOMETRY], None)[GEOMETRY]
        ascending, back = np.unique(places, return_inverse=True)
        found = self.read([GEOMETRY], ascending)[GEOMETRY]
        return found if len(ascending) == len(places) and np.all(np.diff(places) > 0) else found.take(places_of(back))

    def geometry(self, places: Indices | None = None) -> Geometries:
        """Read the geometry of the rows at these places, in any order, or of all."""
        # Not `to_numpy`, which would import pandas.
        return in_batches(shapely.from_wkb, np.array(self.wkb(places).to_pylist(), dtype=object))

    def hectares(self, known: pa.Table) -> NDArray[np.float64]:
        """Give geodesic hectares of all rows: from their column, if `known` has it, else measured."""
        if HECTARES in known.column_names:
            return doubles_in(known[HECTARES])
        return measure_polygons(self.geometry()).hectares if self.count else np.zeros(0)


def rows_of_table(table: pa.Table) -> Rows:
    """Make rows of a table in memory that has a column `geometry`."""

    def read(names: Sequence[str], places: Indices | None) -> pa.Table:
        chosen = table.select(list(names))
        return chosen if places is None else chosen.take(places_of(places))

    return Rows(len(table), table.column_names, read)


def rows_of_file(path: Path) -> Rows:
    """Make rows of a Parquet file. Raises OSError or ArrowException, also later, for one that cannot be read."""
    footer = pq.read_metadata(path)
    names = footer.schema.to_arrow_schema().names
    starts = np.cumsum([0, *(footer.row_group(index).num_rows for index in range(footer.num_row_groups))])

    def read(wanted: Sequence[str], places: Indices | None) -> pa.Table:
        # The file by itself: `read_table` looks for a whole data set of them, which takes as long again. Opened anew
        # each time, so that nothing stays open and several threads may read.
        with pq.ParquetFile(path, metadata=footer, pre_buffer=True) as file:
            if places is None:
                return file.read(columns=list(wanted))
            parts = [file.read_row_groups([], columns=list(wanted))]
            for group, (start, end) in enumerate(pairwise(starts)):
                inside = places[np.searchsorted(places, start) : np.searchsorted(places, end)] - start
                if len(inside):  # a row group is the least that can be read
                    parts.append(file.read_row_group(group, columns=list(wanted)).take(places_of(inside)))
            return pa.concat_tables(parts)

    return Rows(footer.num_rows, names, read)
