"""Snapshots with the layers that a test wants, without a backup that would make all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely

from modules.domain.layers import Layer
from modules.exporters.geoparquet import geometry_types_of, write_geoparquet
from modules.snapshots.draft import file_record
from modules.snapshots.layers import CheckedLayer, check_layer
from modules.snapshots.manifest import Manifest
from modules.snapshots.store import Snapshot
from tests.unit.snapshots.invented import areas, field_row, fields, layer_of, markers, zones

HOLED = shapely.Polygon(
    [(-62.1234567, -34), (-62.1, -34), (-62.1, -33.98), (-62.1234567, -33.98)],
    [[(-62.12, -33.99), (-62.12, -33.985), (-62.11, -33.985), (-62.11, -33.99)]],
)
TOUCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def keep(folder: Path, *layers: CheckedLayer, held_back: bool = False) -> Snapshot:
    """Write layers into `folder` as a snapshot has them, and give it with a manifest that knows them."""
    files = {}
    for layer in layers:
        path = folder / f"{layer.layer}.parquet"
        write_geoparquet(path, layer.table, layer.wkb, layer.bounds, geometry_types_of(layer.geometry))
        files[path.name] = file_record(path)
    manifest = Manifest(
        software="tranquera",
        id=folder.name,
        sequence=1,
        environment="test",
        season="25/26",
        farms=[],
        source="invented https://portal.internal/api",
        run_id="run",
        who="",
        started_at=TOUCHED,
        finished_at=TOUCHED,
        counts={layer.layer.value: len(layer.table) for layer in layers},
        farms_count=1,
        hectares=0,
        portal_hectares=0,
        bounds=None,
        layers={},
        rejected=[],
        files=files,
    )
    return Snapshot(folder, manifest, held_back)


def keep_usual(folder: Path, count: int = 12, **options: Any) -> Snapshot:
    """A snapshot of `count` invented fields on three farms, thrice as many zones, as many markers, two areas."""
    layers = (fields(count), zones(3 * count), markers(count), areas(2))
    return keep(folder, *(check_layer(each, None) for each in layers), **options)


def checked_fields(shapes: Sequence[Any], rows: Sequence[dict[str, Any]] | None = None) -> CheckedLayer:
    """Fields of these shapes; `rows` changes what is usual of each."""
    changes = rows or [{}] * len(shapes)
    table = [field_row(number) | each for number, each in enumerate(changes)]
    return check_layer(layer_of(Layer.FIELDS, table, shapes), None)
