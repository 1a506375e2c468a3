"""GeoParquet 1.1: zstd, with a bbox column that readers use to skip rows.

Formats: https://geoparquet.org/releases/v1.1.0/, and for `collection` fiboa 0.3 (https://fiboa.org/specification/v0.3.0/)
on Vecorel 0.1 (https://vecorel.org/specification/v0.1.0/).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

GEOMETRY: Final = "geometry"
BBOX: Final = "bbox"
_WGS84: Final = 4326
_LEVEL: Final = 3
_EDGES: Final = ("xmin", "ymin", "xmax", "ymax")
_BBOX_TYPE: Final = pa.struct([pa.field(edge, pa.float64(), nullable=False) for edge in _EDGES])
_FIBOA: Final = (
    "https://vecorel.org/specification/v0.1.0/schema.yaml",
    "https://fiboa.org/specification/v0.3.0/schema.yaml",
)
#: Types of Vecorel's schema language 0.2.
_VECOREL_TYPES: Final = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.int64(): "int64",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "date-time",
}
#: Small enough that a map reads only what it shows, large enough to compress well.
_ROWS_PER_GROUP: Final = 20_000


def write_geoparquet(
    path: Path,
    table: pa.Table,
    wkb: pa.Array,
    bounds: NDArray[np.float64],
    geometry_types: list[str],
    *,
    collection: str | None = None,
    epsg: int = _WGS84,
    level: int = _LEVEL,
) -> None:
    """Write n rows: `table`, their ISO WKB and their bounds of shape (n, 4) in the system `epsg`, east before north.

    collection: its name, where the file shall also be valid fiboa; the table then needs a non-null `id`.
    level:      of zstd; 1 takes half the time of 3, for files that are a twentieth larger
    """
    boxes = pa.StructArray.from_arrays([_doubles(edge) for edge in bounds.T], fields=list(_BBOX_TYPE))
    fields = [
        *table.schema,
        pa.field(GEOMETRY, pa.binary(), nullable=False),
        pa.field(BBOX, _BBOX_TYPE, nullable=False),
    ]
    metadata = {"geo": json.dumps(_geo(bounds, geometry_types, epsg))}
    if collection is not None:
        metadata["collection"] = json.dumps(_collection(collection, table.schema))
    schema = pa.schema(fields, metadata=metadata)
    pq.write_table(
        pa.table([*table.columns, wkb, boxes], schema=schema),
        path,
        compression="zstd",
        compression_level=level,
        row_group_size=_ROWS_PER_GROUP,
        # Coordinates and ids hardly repeat; a dictionary of them is built only to be thrown away.
        use_dictionary=[name for name in table.column_names if name not in ("id", "lote_id")],
    )


def _doubles(values: NDArray[np.float64]) -> pa.Array:
    # What `pa.array` does, but that it imports pandas to ask whether it was given something of it.
    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values.copy())])


def read_geoparquet(path: Path) -> tuple[pa.Table, pa.Array]:
    """Read what `write_geoparquet` wrote: the table without geometry and bbox, and the WKB."""
    table = pq.read_table(path, use_threads=True)
    return table.drop_columns([GEOMETRY, BBOX]), table[GEOMETRY].combine_chunks()


def geometry_types_of(geometry: NDArray[np.object_]) -> list[str]:
    """Name the geometry types that occur, as GeoParquet does."""
    names = {3: "Polygon", 6: "MultiPolygon", 0: "Point"}
    return [names[int(each)] for each in np.unique(shapely.get_type_id(geometry))]


def _geo(bounds: NDArray[np.float64], geometry_types: list[str], epsg: int) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": geometry_types,
        "crs": _crs(epsg),
        "covering": {"bbox": {edge: [BBOX, edge] for edge in _EDGES}},
    }
    if len(bounds):
        column["bbox"] = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


@cache
def _crs(epsg: int) -> dict[str, Any]:
    from pyproj import CRS

    definition: dict[str, Any] = CRS.from_epsg(epsg).to_json_dict()
    return definition


def _collection(name: str, columns: pa.Schema) -> dict[str, Any]:
    own = [column for column in columns if column.name != "id"]
    return {
        "schemas": {name: list(_FIBOA)},
        "collection": name,
        "schemas:custom": {
            # bbox is there in every row; without this a validator expects it to be optional.
            "required": [BBOX, *(column.name for column in own if not column.nullable)],
            "collection": {},
            "properties": {column.name: {"type": _VECOREL_TYPES[column.type]} for column in own},
        },
    }
