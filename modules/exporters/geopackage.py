"""GeoPackage through GDAL, several layers in one file. Polygons become multipolygons, so a layer has one type."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

GEOMETRY: Final = "geom"
#: Header of a little-endian multipolygon of one part (OGC Simple Features 1.2.1, 8.2.8), put before the polygon's WKB.
_MULTI_OF_ONE: Final = b"\x01\x06\x00\x00\x00\x01\x00\x00\x00"
_POLYGON_HEADER: Final = b"\x01\x03\x00\x00\x00"


def write_geopackage(path: Path, layer: str, table: pa.Table, wkb: pa.Array, *, points: bool = False) -> None:
    """Write or append `layer`: n rows of `table` and their little-endian ISO WKB in WGS84 lon/lat degrees."""
    import pyogrio

    # The file is synced as a whole before it gets its name, and thrown away when anything fails: SQLite need neither
    # wait for the disk nor keep a journal, which takes half of the time for small files.
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "OFF"})
    pyogrio.raw.write_arrow(
        table.append_column(GEOMETRY, wkb if points else _as_multipolygons(wkb)),
        path,
        layer=layer,
        driver="GPKG",
        geometry_name=GEOMETRY,
        geometry_type="Point" if points else "MultiPolygon",
        crs="EPSG:4326",
        append=path.exists(),
    )


def _as_multipolygons(wkb: pa.Array) -> pa.Array:
    single = pc.starts_with(wkb, _POLYGON_HEADER)
    return pc.if_else(single, pc.binary_join_element_wise(_MULTI_OF_ONE, wkb, b""), wkb)
