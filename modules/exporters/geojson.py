"""GeoJSON as RFC 7946 has it: WGS84 without a CRS member, outlines counterclockwise, one feature a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import shapely

from modules.exporters.columns import iso_instants
from modules.geometry.batches import Geometries

_HEAD: Final = b'{"type":"FeatureCollection","features":[\n'
_TAIL: Final = b"\n]}\n"
_BATCH: Final = 2000


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    id: str
    geometry: msgspec.Raw
    properties: dict[str, Any]


def geojson_shapes(geometry: Geometries) -> list[str]:
    """Encode geometries in lon/lat degrees, all digits kept; for `write_geojson`, which may use them several times."""
    shapes: list[str] = shapely.to_geojson(shapely.orient_polygons(geometry)).tolist()
    return shapes


def write_geojson(path: Path, table: pa.Table, shapes: list[str]) -> None:
    """Write n rows: `table`, which has an `id`, and their `geojson_shapes`."""
    encoder = msgspec.json.Encoder()
    table = _with_text_instants(table)
    with path.open("wb") as file:
        file.write(_HEAD)
        for start in range(0, len(shapes), _BATCH):
            rows = table.slice(start, _BATCH).to_pylist()
            features = [
                encoder.encode(_Feature(row["id"], msgspec.Raw(shape.encode()), row))
                for row, shape in zip(rows, shapes[start : start + _BATCH], strict=True)
            ]
            file.write(b",\n" if start else b"")
            file.write(b",\n".join(features))
        file.write(_TAIL)


def _with_text_instants(table: pa.Table) -> pa.Table:
    for index, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(index, table.column_names[index], iso_instants(column))
    return table
