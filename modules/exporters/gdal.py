"""Vector files that GDAL writes from Arrow tables, in any coordinate reference system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa

from modules.exporters.wkb import as_multipolygons

GEOMETRY: Final = "geom"
#: Arrow's binary columns end at 2 GB, and more rows at once make nothing faster.
_ROWS_AT_ONCE: Final = 20_000


def write_with_gdal(
    path: Path,
    driver: str,
    layer: str,
    table: pa.Table,
    wkb: pa.Array,
    *,
    epsg: int,
    points: bool = False,
    options: Mapping[str, str] | None = None,
) -> None:
    """Write n rows of `table` and their little-endian ISO WKB in the system `epsg`, east before north.

    Polygons become multipolygons, so that a layer has one type. options: layer creation options of the driver

    Raises what pyogrio raises.
    """
    import pyogrio

    # The file is synced as a whole before it gets its name, and thrown away when anything fails.
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "OFF"})
    schema = table.schema.append(pa.field(GEOMETRY, pa.binary()))
    pyogrio.raw.write_arrow(
        pa.RecordBatchReader.from_batches(schema, _batches(table, wkb, points=points)),
        path,
        layer=layer,
        driver=driver,
        geometry_name=GEOMETRY,
        geometry_type="Point" if points else "MultiPolygon",
        crs=f"EPSG:{epsg}",
        layer_options=dict(options or {}),
    )


def count_features(source: str) -> int:
    """Count the rows of the only layer of a file, or of one inside a zip, by opening it as any reader would."""
    import pyogrio

    return int(pyogrio.read_info(source, layer=0, force_feature_count=True)["features"])


def _batches(table: pa.Table, wkb: pa.Array, *, points: bool) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(table), _ROWS_AT_ONCE):
        shapes = wkb.slice(start, _ROWS_AT_ONCE)
        rows = table.slice(start, _ROWS_AT_ONCE).append_column(GEOMETRY, shapes if points else as_multipolygons(shapes))
        yield from rows.combine_chunks().to_batches()
