"""GeoJSON as RFC 7946 has it: WGS84 without a CRS member, outlines counterclockwise, one feature a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import shapely

from modules.geometry.checks import Geometries

_HEAD: Final = b'{"type":"FeatureCollection","features":[\n'
_TAIL: Final = b"\n]}\n"
_BATCH: Final = 2000


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    id: str
    geometry: msgspec.Raw
    properties: dict[str, Any]


def write_geojson(path: Path, table: pa.Table, geometry: Geometries) -> None:
    """Write n rows: `table`, which has an `id`, and their geometries in lon/lat degrees, all digits kept."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        file.write(_HEAD)
        for start in range(0, len(geometry), _BATCH):
            rows = table.slice(start, _BATCH).to_pylist()
            shapes = shapely.to_geojson(shapely.orient_polygons(geometry[start : start + _BATCH]))
            features = [
                encoder.encode(_Feature(row["id"], msgspec.Raw(shape.encode()), row))
                for row, shape in zip(rows, shapes, strict=True)
            ]
            file.write(b",\n" if start else b"")
            file.write(b",\n".join(features))
        file.write(_TAIL)
