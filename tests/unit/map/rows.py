"""Rows of a layer as a snapshot has them, without a snapshot."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

FIELDS = pa.schema(
    {
        "id": pa.string(),
        "lote": pa.string(),
        "campo_id": pa.string(),
        "campo": pa.string(),
        "cultivo": pa.string(),
        "superficie_geodesica_ha": pa.float64(),
    }
)


def fields(*rows: dict[str, Any]) -> pa.Table:
    """Fields with what is told of each; the rest is that of field 1 of La Escondida, 10 ha of soja."""
    usual = {
        "id": "a",
        "lote": "1",
        "campo_id": "C0",
        "campo": "La Escondida",
        "cultivo": "soja",
        "superficie_geodesica_ha": 10.0,
    }
    return pa.Table.from_pylist([usual | row for row in rows], schema=FIELDS)
