"""What a peer's page draws: the fields of a home as GeoJSON, in the colours that ours has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import shapely

from modules.domain.crop_colours import crop_colour

#: Ten centimetres: what a map can show, and a third less on the wire than all digits.
_DIGITS = 1e-6
_COLUMNS = ["campo", "lote", "cultivo", "superficie_geodesica_ha", "geometry"]


def feature_collection(home: Path) -> dict[str, Any]:
    """Give the fields with what a pointer over them tells, and `fill`, `#RRGGBB`."""
    (path,) = home.glob("test_outputs/Backup_Databaler/*/*/lotes.parquet")
    table = pq.read_table(path, columns=_COLUMNS)
    shapes = shapely.set_precision(shapely.from_wkb(table["geometry"].to_pylist()), _DIGITS, mode="pointwise")
    rows = table.drop_columns(["geometry"]).to_pylist()
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": f"{row['campo']} {row['lote']}",
                "cultivo": row["cultivo"],
                "ha": row["superficie_geodesica_ha"],
                "fill": crop_colour(row["cultivo"]),
            },
            "geometry": json.loads(outline),
        }
        for row, outline in zip(rows, shapely.to_geojson(shapes).tolist(), strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def box_of(collection: dict[str, Any]) -> tuple[float, float, float, float]:
    """Give the box of all: west, south, east, north in degrees."""
    corners = [corner for each in collection["features"] for corner in each["geometry"]["coordinates"][0]]
    longitudes, latitudes = zip(*corners, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
