"""Two snapshots of invented fields, a night apart: `python -m tests.benchmarks.changes_fields COUNT FOLDER`.

Fields have 30 vertices. In the night two in a hundred changed: of a hundred changes some 25 are names, 25 crops, 20
outlines, 10 moves, 6 new and 6 gone fields, and 8 splits in two.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
import shapely.affinity

from modules.domain.layers import Layer
from modules.domain.source_columns import COLUMNS
from modules.exporters.geoparquet import geometry_types_of, write_geoparquet
from modules.snapshots.layers import MACHINE_COLUMNS, CheckedLayer, check_layer
from modules.snapshots.manifest import MANIFEST, FileRecord, LayerRecord, Manifest
from modules.sources.base import FetchedLayer
from tests.benchmarks.pampas_fields import SEASON, empty_layer

VERTICES = 30
SHARE = 0.02
#: How many of a hundred changes are of each kind.
PARTS = {"name": 25, "crop": 25, "outline": 20, "move": 10, "new": 6, "gone": 6, "split": 8}
CROPS = np.array(["soja", "maíz", "trigo", "girasol"])
FARM_SIZE = 25
BEFORE, NOW = "before", "now"
#: The same without fingerprints.
BARE = "-bare"


def main(count: int, folder: Path) -> None:
    """Write the four snapshots' folders."""
    random = np.random.default_rng(4)
    rows, shapes = fields(count, random)
    night_rows, night_shapes = changed(rows, shapes, random)
    for name, (table, geometry) in {BEFORE: (rows, shapes), NOW: (night_rows, night_shapes)}.items():
        layer = checked(table, geometry)
        write(folder / name, layer)
        write(folder / f"{name}{BARE}", replace(layer, table=layer.table.drop_columns(list(MACHINE_COLUMNS))))


def fields(count: int, random: np.random.Generator) -> tuple[dict[str, Any], Any]:
    """Columns and outlines of fields of about 25 ha, one beside the other."""
    number = np.arange(count)
    side = int(np.ceil(np.sqrt(count)))
    centre = np.column_stack([-62.0 + (number % side) * 0.008, -34.0 + (number // side) * 0.007])
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = 0.0028 + 0.0006 * random.random((count, VERTICES))
    rings = centre[:, None, :] + np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1)
    columns = {
        "id": np.char.mod("L%07d", number).astype(object),
        "lote": np.char.mod("Lote %d", number % FARM_SIZE + 1).astype(object),
        "campo_id": np.char.mod("C%05d", number // FARM_SIZE).astype(object),
        "campo": np.char.mod("Estancia %d", number // FARM_SIZE).astype(object),
        "campania": np.full(count, str(SEASON), dtype=object),
        "cultivo": CROPS[random.integers(0, len(CROPS), count)].astype(object),
        "superficie_ha": np.round(20 + 10 * random.random(count), 2),
    }
    return columns, shapely.polygons(np.round(rings, 7))


def changed(rows: dict[str, Any], shapes: Any, random: np.random.Generator) -> tuple[dict[str, Any], Any]:
    """The same after a night."""
    count = len(shapes)
    rows = {name: column.copy() for name, column in rows.items()}
    shapes = shapes.copy()
    chosen = random.permutation(count)[: int(count * SHARE)]
    which = dict(zip(PARTS, np.split(chosen, (np.cumsum([*PARTS.values()]) * len(chosen) // 100)[:-1]), strict=True))
    rows["lote"][which["name"]] += " bis"
    rows["cultivo"][which["crop"]] = "sorgo"
    for index in which["outline"]:
        ring = shapely.get_coordinates(shapes[index])[:-1]
        ring[: VERTICES // 3] += 0.0004 * random.random((VERTICES // 3, 2))
        shapes[index] = shapely.make_valid(shapely.Polygon(np.round(ring, 7)))
    for index in which["move"]:
        shapes[index] = shapely.transform(shapes[index], lambda xy: np.round(xy + [0.0003, 0.0002], 7))  # noqa: RUF005
    extra_shapes, extra_of = [], []
    for index in which["split"]:
        west, south, east, north = shapes[index].bounds
        half = shapely.box((west + east) / 2, south, east, north)
        extra_shapes.append(shapes[index].intersection(half))
        extra_of.append(index)
        shapes[index] = shapes[index].difference(half)
    for index in which["new"]:
        extra_shapes.append(shapely.affinity.translate(shapes[index], 0, -10))
        extra_of.append(index)
    keep = np.setdiff1d(np.arange(count), which["gone"])
    places = np.concatenate([keep, extra_of]).astype(int)
    rows = {name: column[places] for name, column in rows.items()}
    rows["id"][len(keep) :] += "N"
    return rows, np.concatenate([shapes[keep], np.array(extra_shapes, dtype=object)])


def checked(columns: dict[str, Any], shapes: Any) -> CheckedLayer:
    """The fields as a backup checks them."""
    order = np.argsort(columns["id"].astype(str), kind="stable")
    touched = [datetime(2026, 3, 1, 12, tzinfo=UTC)] * len(order)
    arrays = {name: column[order].tolist() for name, column in columns.items()} | {"actualizado": touched}
    table = pa.table({name: arrays[name] for name in COLUMNS[Layer.FIELDS].names}, schema=COLUMNS[Layer.FIELDS])
    return check_layer(FetchedLayer(Layer.FIELDS, table, shapes[order], pages=1), None)


def write(folder: Path, fields_layer: CheckedLayer) -> None:
    """Write the four layers and the manifest."""
    folder.mkdir(parents=True)
    layers = {layer: empty_layer(layer) for layer in Layer} | {Layer.FIELDS: fields_layer}
    files = {}
    for layer, held in layers.items():
        path = folder / f"{layer}.parquet"
        write_geoparquet(path, held.table, held.wkb, held.bounds, geometry_types_of(held.geometry))
        files[path.name] = FileRecord(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    now = datetime.now(UTC)
    manifest = Manifest(
        software="tranquera",
        id=folder.name,
        sequence=1,
        environment="test",
        season=str(SEASON),
        farms=[],
        source="benchmark",
        run_id=folder.name,
        who="",
        started_at=now,
        finished_at=now,
        counts={layer.value: len(held.table) for layer, held in layers.items()},
        farms_count=1,
        hectares=fields_layer.hectares,
        portal_hectares=0.0,
        bounds=None,
        layers={
            layer.value: LayerRecord(len(held.table), len(held.table), 0, 1, [], []) for layer, held in layers.items()
        },
        rejected=[],
        files=files,
    )
    (folder / MANIFEST).write_bytes(manifest.encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
