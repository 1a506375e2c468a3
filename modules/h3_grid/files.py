"""The files of a grid: Parquet for programs, GeoPackage for a GIS, KMZ for Google Earth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from errno import EIO
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from modules.exporters.geopackage import write_geopackage
from modules.h3_grid.cells import outlines_wkb
from modules.h3_grid.compaction import compacted
from modules.h3_grid.grid import CELL, Grid
from modules.h3_grid.placemarks import write_cells
from modules.kmz_products.edition import Edition
from modules.storage.safe_names import safe_name

#: More cells than this make a GeoPackage of half a gigabyte, which no desktop GIS draws; the Parquet files hold them.
MOST_GEOPACKAGE_ROWS: Final = 1_000_000
#: Google Earth keeps a whole document in memory and draws every polygon of it. So many cells are 70 MB of XML; a
#: few times as many no longer turn smoothly, where one of millions does not open at all.
MOST_KMZ_ROWS: Final = 50_000
#: Key of the files' own metadata: JSON with snapshot, season, farms, crops, resolution, counts of fields and cells.
METADATA: Final = b"tranquera"
#: How the names of files of cells begin, and how those of the short form end.
CELLS: Final = "lotes"
COMPACT: Final = " compacta.parquet"
About = Mapping[str, str | int | Sequence[str]]
_LAYER: Final = "h3"
#: Small enough that a reader of a few parent cells skips most, for the rows are sorted by cell.
_ROWS_PER_GROUP: Final = 100_000


@dataclass(frozen=True, slots=True)
class GridFiles:
    """The files of a grid by their names, in order.

    writers:  each with the function that writes it to a path
    left_out: those for which the grid is too large
    """

    writers: Mapping[str, Callable[[Path], None]]
    left_out: Sequence[str]


def grid_files(grid: Grid, folder: Path, title: str, edition: Edition, modified: datetime, about: About) -> GridFiles:
    """Tell the files of a grid in `folder`.

    title: which fields of which season; modified: what the entries of the KMZ say; about: what the Parquet files say of
    themselves
    """
    end = f" res {grid.resolution}"

    def name(what: str, suffix: str) -> str:
        return safe_name(f"{what} {title}", f"{end}{suffix}", folder=folder)

    cells = grid.cells
    writers: dict[str, Callable[[Path], None]] = {
        name(CELLS, ".parquet"): partial(_write_parquet, table=cells, about=about),
        name(CELLS, COMPACT): lambda path: _write_parquet(path, compacted(cells), about),
        name("ambientes", ".parquet"): partial(_write_parquet, table=grid.zones, about=about),
    }
    drawn: dict[str, tuple[int, Callable[[Path], None]]] = {
        name(CELLS, ".gpkg"): (MOST_GEOPACKAGE_ROWS, partial(_write_geopackage, table=cells)),
        name(CELLS, ".kmz"): (
            MOST_KMZ_ROWS,
            lambda path: write_cells(path, cells, f"Grilla H3 {title}{end}", edition, modified),
        ),
    }
    fitting = {each: write for each, (most, write) in drawn.items() if len(cells) <= most}
    return GridFiles(writers | fitting, [each for each in drawn if each not in fitting])


def _write_parquet(path: Path, table: pa.Table, about: About) -> None:
    described = table.replace_schema_metadata({METADATA: json.dumps(about, ensure_ascii=False).encode()})
    pq.write_table(
        described,
        path,
        compression="zstd",
        compression_level=3,
        row_group_size=_ROWS_PER_GROUP,
        sorting_columns=[pq.SortingColumn(table.schema.get_field_index(CELL))],
    )


def _write_geopackage(path: Path, table: pa.Table) -> None:
    """Write the cells as polygons. SQLite has no unsigned integers; an H3 index leaves the highest bit free."""
    cells = table[CELL].to_numpy()
    signed = table.set_column(0, CELL, table[CELL].cast(pa.int64()))
    write_geopackage(path, _LAYER, signed, outlines_wkb(cells))
    # GDAL does not tell of every failure to write.
    if pyogrio.read_info(path, layer=_LAYER, force_feature_count=True)["features"] != len(table):
        raise OSError(EIO, "rows are missing from what was written")
