"""Reading the layers of a snapshot back."""

from __future__ import annotations

import numpy as np
import shapely

from modules.domain.layers import Layer
from modules.exporters.geoparquet import read_geoparquet
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.store import Snapshot


def read_layer(snapshot: Snapshot, layer: Layer) -> CheckedLayer:
    """Read a layer as it was when the snapshot was written."""
    table, wkb = read_geoparquet(snapshot.path / f"{layer}.parquet")
    geometry = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    record = snapshot.manifest.layers[layer]
    return CheckedLayer(
        layer=layer,
        table=table,
        geometry=geometry,
        wkb=wkb,
        bounds=np.asarray(shapely.bounds(geometry)).reshape(-1, 4),
        rows_in=record.rows_in,
        pages=record.pages,
    )
