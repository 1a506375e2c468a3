"""Invented fields of the pampas in a GeoParquet file, as a snapshot keeps them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.domain.source_columns import COLUMNS
from modules.exporters.geoparquet import geometry_types_of, read_geoparquet, write_geoparquet
from modules.snapshots.layers import CheckedLayer, check_layer
from modules.sources.base import FetchedLayer
from modules.sources.databaler.simulator.generator import Pampas
from modules.sources.databaler.simulator.ground import Amounts

SEASON = Season.parse("25/26")


def write_fields(path: Path, count: int) -> None:
    """Draw `count` fields and write them."""
    portal = Pampas(Amounts(fields=count, zones=(0, 0), markers=(0, 0)), SEASON)
    features = [json.loads(body) for body in portal.features(Layer.FIELDS, SEASON).bodies]
    geometry = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    rows = [
        feature["properties"]
        | {
            "id": feature["id"],
            "lote": feature["properties"]["nombre"],
            "actualizado": datetime.fromisoformat(feature["properties"]["updated_at"]),
        }
        for feature in features
    ]
    table = pa.Table.from_pylist(rows, schema=COLUMNS[Layer.FIELDS])
    layer = check_layer(FetchedLayer(Layer.FIELDS, table, np.asarray(geometry, dtype=object), pages=1), None)
    write_geoparquet(path, layer.table, layer.wkb, layer.bounds, geometry_types_of(layer.geometry))


def read_fields(path: Path) -> CheckedLayer:
    """Read them as a run does."""
    table, wkb = read_geoparquet(path)
    geometry = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    bounds = np.asarray(shapely.bounds(geometry)).reshape(-1, 4)
    return CheckedLayer(Layer.FIELDS, table, geometry, wkb, bounds, rows_in=len(table), pages=1)


def empty_layer(layer: Layer) -> CheckedLayer:
    """A layer without rows."""
    nothing = FetchedLayer(layer, COLUMNS[layer].empty_table(), np.empty(0, dtype=object), pages=1)
    return check_layer(nothing, None)
