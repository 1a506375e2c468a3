"""The files of a grid: Parquet for programs, GeoPackage for a GIS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
from modules.storage.safe_names import safe_name

#: More cells than this make a GeoPackage of half a gigabyte, which no desktop GIS draws; the Parquet files hold them.
MOST_GEOPACKAGE_ROWS: Final = 1_000_000
#: Key of the files' own metadata: JSON with snapshot, season, resolution, counts of fields and cells.
METADATA: Final = b"tranquera"
_LAYER: Final = "h3"
#: Small enough that a reader of a few parent cells skips most, for the rows are sorted by cell.
_ROWS_PER_GROUP: Final = 100_000


def grid_files(
    grid: Grid, folder: Path, title: str, about: Mapping[str, str | int]
) -> dict[str, Callable[[Path], None]]:
    """Tell the files of a grid by their names in `folder`, each with the function that writes it to a path.

    title: which fields of which season; about: what the Parquet files say of themselves
    """
    end = f" res {grid.resolution}"

    def name(what: str, suffix: str) -> str:
        return safe_name(f"{what} {title}", f"{end}{suffix}", folder=folder)

    files: dict[str, Callable[[Path], None]] = {
        name("lotes", ".parquet"): lambda path: _write_parquet(path, grid.cells, about),
        name("lotes", " compacta.parquet"): lambda path: _write_parquet(path, compacted(grid.cells), about),
        name("ambientes", ".parquet"): lambda path: _write_parquet(path, grid.zones, about),
    }
    if has_geopackage(grid):
        files[name("lotes", ".gpkg")] = partial(_write_geopackage, table=grid.cells)
    return files


def has_geopackage(grid: Grid) -> bool:
    """Tell whether a grid is small enough for a GeoPackage."""
    return len(grid.cells) <= MOST_GEOPACKAGE_ROWS


def _write_parquet(path: Path, table: pa.Table, about: Mapping[str, str | int]) -> None:
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
