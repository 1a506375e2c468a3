"""GeoPackage 1.3: through GDAL, and for many small files of one kind by filling copies of an empty one that GDAL made.

Polygons become multipolygons, so that a layer has one type.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.exporters.columns import iso_instants
from modules.exporters.wkb import as_multipolygons

GEOMETRY: Final = "geom"
#: Rows handed to GDAL at once: bounds what lies in memory a second time.
_ROWS_AT_ONCE: Final = 5000


def write_geopackage(
    path: Path, layer: str, table: pa.Table, wkb: pa.Array, *, points: bool = False, bare: bool = False
) -> None:
    """Write or append `layer`: n rows of `table` and their little-endian ISO WKB in WGS84 lon/lat degrees.

    bare: without spatial index and kept count of rows, which small layers do without
    """
    schema = schema_with_geometry(table)
    write_batches(path, layer, schema, batches_of(table, wkb), points=points, bare=bare)


def schema_with_geometry(table: pa.Table) -> pa.Schema:
    """The schema of `batches_of`."""
    return table.schema.append(pa.field(GEOMETRY, pa.binary()))


def batches_of(table: pa.Table, wkb: pa.Array) -> Iterator[pa.RecordBatch]:
    """Cut n rows into batches, their WKB in a last column `geom`."""
    for start in range(0, len(table), _ROWS_AT_ONCE):
        rows = table.slice(start, _ROWS_AT_ONCE).append_column(GEOMETRY, wkb.slice(start, _ROWS_AT_ONCE))
        yield from rows.combine_chunks().to_batches()


def write_batches(
    path: Path,
    layer: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    points: bool = False,
    bare: bool = False,
) -> None:
    """Write or append `layer` from batches as `batches_of` gives them, which are never all in memory at once.

    Raises OSError when that fails.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    # The file is synced as a whole before it gets its name, and thrown away when anything fails: SQLite need neither
    # wait for the disk nor keep a journal, which takes half of the time for small files.
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "OFF"})
    try:
        pyogrio.raw.write_arrow(
            pa.RecordBatchReader.from_batches(schema, batches if points else map(_in_multipolygons, batches)),
            path,
            layer=layer,
            driver="GPKG",
            geometry_name=GEOMETRY,
            geometry_type="Point" if points else "MultiPolygon",
            crs="EPSG:4326",
            append=path.exists(),
            layer_options={"SPATIAL_INDEX": "NO" if bare else "YES"},
            dataset_options={"ADD_GPKG_OGR_CONTENTS": "NO"} if bare else None,
        )
    except (DataSourceError, DataLayerError) as error:
        raise OSError(errno.EIO, str(error)) from error


def count_rows(path: Path, layer: str) -> int:
    """Count the rows of a layer by reading them. Raises sqlite3.Error for what is no GeoPackage with this layer."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        count: int = database.execute(f"SELECT count(*) FROM {_quoted(layer)}").fetchone()[0]  # noqa: S608
        return count


def _in_multipolygons(batch: pa.RecordBatch) -> pa.RecordBatch:
    index = batch.schema.get_field_index(GEOMETRY)
    return batch.set_column(index, batch.schema.field(index), as_multipolygons(batch.column(index)))


#: Header of a geometry (GeoPackage 1.3, 2.1.3): magic, version 0, little-endian without an envelope, EPSG:4326.
_BLOB_HEADER: Final = b"GP\x00\x01" + (4326).to_bytes(4, "little")
#: An empty GeoPackage is some twenty pages; small pages make small files.
_PAGE_SIZE: Final = 1024
#: Each statement lets go of the interpreter's lock and has to win it back, so that one row each is slow among threads.
_ROWS_IN_INSERT: Final = 50


class PointGeoPackages:
    """Many small GeoPackages of points, each with some rows of one table: twenty times faster than GDAL for each.

    A database in memory is filled for one file, copied out before the transaction ends, and rolled back to empty. To
    open an empty one for each file took twice as long, most of it for SQLite to read the schema again.
    """

    def __init__(self, layer: str, table: pa.Table, wkb: pa.Array, coordinates: NDArray[np.float64]) -> None:
        """Take all n rows: their ISO WKB, and lon and lat in degrees of shape (n, 2)."""
        names = [GEOMETRY, *table.column_names]
        self._layer = layer
        self._insert = f"INSERT INTO {_quoted(layer)} ({', '.join(map(_quoted, names))}) VALUES "  # noqa: S608
        self._places = f"({', '.join('?' * len(names))})"
        self._rows = list(zip(*_sqlite_columns(table, wkb), strict=True))
        self._coordinates = coordinates
        self._database = _in_memory(_empty_geopackage(layer, table))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def write(self, path: Path, rows: Sequence[int]) -> None:
        """Write the rows of these numbers. Only one thread may write."""
        database = self._database
        database.execute("BEGIN")
        try:
            for start in range(0, len(rows), _ROWS_IN_INSERT):
                values = [self._rows[row] for row in rows[start : start + _ROWS_IN_INSERT]]
                places = ", ".join([self._places] * len(values))
                database.execute(self._insert + places, list(chain.from_iterable(values)))
            west, south = self._coordinates[rows].min(axis=0).tolist()
            east, north = self._coordinates[rows].max(axis=0).tolist()
            database.execute(
                "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
                (west, south, east, north, self._layer),
            )
            content = database.serialize()
        finally:
            database.execute("ROLLBACK")
        path.write_bytes(content)


def _in_memory(content: bytes) -> sqlite3.Connection:
    """Load a database; one that was only deserialized would not show its open transaction to `serialize`."""
    # After a failure the garbage collector may be the one who closes it, in whatever thread it runs.
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with closing(sqlite3.connect(":memory:")) as loaded:
        loaded.deserialize(content)
        loaded.backup(database)
    return database


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_columns(table: pa.Table, wkb: pa.Array) -> Iterator[list[Any]]:
    yield pc.binary_join_element_wise(_BLOB_HEADER, wkb, b"").to_pylist()
    for column in table.columns:
        if pa.types.is_timestamp(column.type):
            yield iso_instants(column).to_pylist()
        elif pa.types.is_date(column.type):
            yield column.cast(pa.string()).to_pylist()
        else:
            yield column.to_pylist()


def _empty_geopackage(layer: str, table: pa.Table) -> bytes:
    """Have GDAL make a GeoPackage of points with the columns of `table` and without rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.gpkg"
        write_geopackage(path, layer, table.slice(0, 0), pa.array([], pa.binary()), points=True, bare=True)
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
            database.execute("VACUUM")
            return bytes(database.serialize())
