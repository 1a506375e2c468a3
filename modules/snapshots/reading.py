"""Reading the layers of a snapshot back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from modules.domain.layers import Layer
from modules.exporters.geoparquet import read_geoparquet
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.store import Snapshot


def read_layer(snapshot: Snapshot, layer: Layer) -> CheckedLayer:
    """Read a layer as it was when the snapshot was written."""
    table, wkb = read_geoparquet(snapshot.path / f"{layer}.parquet")
    record = snapshot.manifest.layers[layer]
    return layer_of(layer, table, wkb, record.rows_in, record.pages)


def layer_of(layer: Layer, table: pa.Table, wkb: pa.Array, rows_in: int, pages: int) -> CheckedLayer:
    """Make a layer again from its table, n rows, and their WKB."""
    geometry = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    bounds = np.asarray(shapely.bounds(geometry)).reshape(-1, 4)
    return CheckedLayer(layer, table, geometry, wkb, bounds, rows_in, pages)
