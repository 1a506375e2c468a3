"""Changes as a layer: a table with outlines, for map tiles and for files that people open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from modules.changes.result import Changes, FieldFacts
from modules.changes.rows import Rows
from modules.changes.snapshots import rows_of
from modules.changes.words import detail
from modules.domain.layers import Layer
from modules.geometry.batches import Geometries
from modules.snapshots.store import Snapshot

_TEXT: Final = pa.string()
_NUMBER: Final = pa.float64()
SCHEMA: Final = pa.schema(
    [
        pa.field("id", _TEXT, nullable=False),
        pa.field("lote", _TEXT, nullable=False),
        pa.field("campo_id", _TEXT),
        pa.field("campo", _TEXT, nullable=False),
        pa.field("cultivo", _TEXT),
        pa.field("cambio", _TEXT, nullable=False),
        pa.field("cambios", _TEXT, nullable=False),
        pa.field("detalle", _TEXT, nullable=False),
        pa.field("lote_antes", _TEXT),
        pa.field("campo_antes", _TEXT),
        pa.field("cultivo_antes", _TEXT),
        pa.field("superficie_antes_ha", _NUMBER),
        pa.field("superficie_ahora_ha", _NUMBER),
        pa.field("diferencia_ha", _NUMBER, nullable=False),
        pa.field("contorno_distinto_ha", _NUMBER),
        pa.field("desplazamiento_m", _NUMBER),
        pa.field("relacionados", _TEXT),
    ]
)


@dataclass(frozen=True, slots=True)
class ChangesLayer:
    """A row for each field that differs, sorted by id.

    table:    n rows of `SCHEMA`; `detalle` in the language that was active
    geometry: shape (n,), WGS84 lon/lat, of the later snapshot; of the earlier one for a field that is gone
    wkb:      the same as ISO WKB
    bounds:   shape (n, 4): west, south, east, north in degrees
    """

    table: pa.Table
    geometry: Geometries
    wkb: pa.Array
    bounds: NDArray[np.float64]


def changes_layer(changes: Changes, before: Snapshot, now: Snapshot) -> ChangesLayer:
    """Make a layer of what `compare_snapshots` found. Raises SnapshotError for a file that is not as it was written."""
    return layer_of_rows(changes, rows_of(before, Layer.FIELDS), rows_of(now, Layer.FIELDS))


def layer_of_rows(changes: Changes, before: Rows, now: Rows) -> ChangesLayer:
    """Make a layer of what `compare_fields` found in two tables."""
    gone = np.array([change.now is None for change in changes.fields], dtype=bool)
    ids = np.array([change.id for change in changes.fields], dtype=object)
    wkb = np.empty(len(ids), dtype=object)
    for rows, chosen in ((before, gone), (now, ~gone)):
        wkb[chosen] = _wkb_of(rows, ids[chosen].tolist())
    geometry = shapely.from_wkb(wkb)
    bounds = np.asarray(shapely.bounds(geometry)).reshape(-1, 4)
    return ChangesLayer(table_of(changes), geometry, pa.array(wkb.tolist(), pa.binary()), bounds)


def table_of(changes: Changes) -> pa.Table:
    """Give the attributes of the layer alone."""
    nothing = FieldFacts("", "", None, 0.0)
    rows = []
    for change in changes.fields:
        before, now = change.before or nothing, change.now or nothing
        rows.append(
            {
                "id": change.id,
                "lote": change.latest.name,
                "campo_id": change.latest.farm_id,
                "campo": change.latest.farm,
                "cultivo": change.latest.crop,
                "cambio": change.kind.value,
                "cambios": ", ".join(change.kinds),
                "detalle": detail(change, changes),
                "lote_antes": change.before and before.name,
                "campo_antes": change.before and before.farm,
                "cultivo_antes": before.crop,
                "superficie_antes_ha": change.before and before.hectares,
                "superficie_ahora_ha": change.now and now.hectares,
                "diferencia_ha": change.gained_ha,
                "contorno_distinto_ha": change.differing_ha,
                "desplazamiento_m": change.shift_m,
                "relacionados": ", ".join(change.relatives) or None,
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _wkb_of(rows: Rows, ids: list[str]) -> list[bytes]:
    if not ids:
        return []
    known = {id_: place for place, id_ in enumerate(rows.read(["id"], None)["id"].to_pylist())}
    wkb: list[bytes] = rows.wkb(np.array([known[id_] for id_ in ids], dtype=np.int64)).to_pylist()
    return wkb
