"""A snapshot of any number of fields of 30 vertices each, side by side as on the pampas, written piece by piece.

`python -m tests.benchmarks.tile_fields COUNT HOME` prints its source as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.snapshots.layers import SNAPSHOT_COLUMNS
from tests.pages.snapshots import write_snapshot

VERTICES = 30
CROPS = ("Soja", "Maíz", "Trigo", "Girasol", "Cebada", "Sorgo", None)
#: Degrees between the middles of neighbours: fields of some 60 ha, hardly a gap between them.
PITCH = np.array([0.0095, 0.0080])
CENTRE = np.array([-62.0, -35.0])
_ROWS = 20_000
_EDGES = ("xmin", "ymin", "xmax", "ymax")


def write(home: Path, count: int) -> str:
    """Write the snapshot; gives the path of its source."""
    folder = write_snapshot(home, Environment.TEST, fields=count)
    box = pa.struct([pa.field(edge, pa.float64(), nullable=False) for edge in _EDGES])
    schema = pa.schema([*SNAPSHOT_COLUMNS[Layer.FIELDS], pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, box)])
    random = np.random.default_rng(4)
    side = int(np.ceil(count**0.5))
    with pq.ParquetWriter(folder / f"{Layer.FIELDS}.parquet", schema, compression="zstd") as writer:
        for first in range(0, count, _ROWS):
            number = np.arange(first, min(first + _ROWS, count))
            writer.write_table(_table(schema, number, side, random), row_group_size=_ROWS)
    return f"{Environment.TEST}/{folder.name}/{Layer.FIELDS}"


def _table(schema: pa.Schema, number: np.ndarray, side: int, random: np.random.Generator) -> pa.Table:
    rings = _rings(number, side, random)
    corners = [rings.min(axis=1), rings.max(axis=1)]
    farm = number // 25
    hectares = random.uniform(20, 90, len(number)).round(2)
    values = {
        "id": [f"lote-{each:07}" for each in number],
        "lote": [f"Lote {each % 25 + 1}" for each in number],
        "campo_id": [f"campo-{each:05}" for each in farm],
        "campo": [f"Estancia {each}" for each in farm],
        "campania": ["25/26"] * len(number),
        "cultivo": [CROPS[each] for each in random.integers(0, len(CROPS), len(number))],
        "superficie_ha": hectares,
        "actualizado": [datetime(2026, 3, 1, tzinfo=UTC)] * len(number),
        "superficie_geodesica_ha": hectares,
        "perimetro_m": np.full(len(number), 3200.0),
        "reparado": np.zeros(len(number), bool),
        "huella_geometria": number,
        "huella_atributos": number,
        GEOMETRY: _wkb(rings),
        BBOX: [dict(zip(_EDGES, each, strict=True)) for each in np.hstack(corners).tolist()],
    }
    return pa.table([pa.array(values[field.name], field.type) for field in schema], schema=schema)


def _rings(number: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """Draw outlines, shape (n, 31, 2): a rectangle with a ragged edge, turned a little."""
    place = np.column_stack([number % side, number // side]) - side / 2
    middle = CENTRE + place * PITCH
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False) + 0.03
    square = np.column_stack([np.cos(angle), np.sin(angle)])
    square /= np.abs(square).max(axis=1, keepdims=True)
    reach = random.uniform(0.85, 1, (len(number), VERTICES, 1)) * random.uniform(0.75, 1, (len(number), 1, 1))
    rings = middle[:, np.newaxis] + square * reach * PITCH / 2
    return np.concatenate([rings, rings[:, :1]], axis=1).round(7)


def _wkb(rings: np.ndarray) -> pa.Array:
    head = np.frombuffer(np.array([1], "u1").tobytes() + np.array([3, 1, VERTICES + 1], "<u4").tobytes(), np.uint8)
    body = rings.astype("<f8").reshape(len(rings), -1).view(np.uint8)
    return pa.array([row.tobytes() for row in np.hstack([np.tile(head, (len(rings), 1)), body])], pa.binary())


if __name__ == "__main__":
    print(json.dumps({"source": write(Path(sys.argv[2]), int(sys.argv[1]))}))
