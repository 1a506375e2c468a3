"""Homes to look at: a snapshot of so many fields of 30 vertices, or a grid of so many cells.

`python -m tests.benchmarks.map_data fields|cells COUNT HOME`, a process of its own: what it holds is nobody's memory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import h3.api.basic_int as h3
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.h3_grid.cells import middles
from modules.h3_grid.files import METADATA
from modules.h3_grid.grid import CELL, CELL_TEXT, GRID
from modules.snapshots.layers import SNAPSHOT_COLUMNS
from modules.snapshots.manifest import MANIFEST, read_manifest
from modules.storage.roots import Folder, root_of
from tests.benchmarks import tile_fields
from tests.benchmarks.tile_fields import CENTRE, CROPS

#: Of a grid: cells of some 10 ha, as the fields of one campaña have them.
RESOLUTION = 9
CELL_HA = 10.5
#: Square degrees of a cell where the fields are.
_CELL_DEGREES = 1.05e-5
_CELLS_OF_FIELD = 7
_FIELDS_OF_FARM = 25
#: Fields of the snapshot beside a grid; the page shows none without one.
_BESIDE = 1_000
_EDGES = ("xmin", "ymin", "xmax", "ymax")


def fields(home: Path, count: int, bounds: tuple[float, ...] | None = None) -> None:
    """Write a snapshot as the map reads one. bounds: of all that is looked at, instead of the fields' own."""
    environment, name, layer = tile_fields.write(home, count).split("/")
    (folder,) = (root_of(home, Environment(environment)) / Folder.SNAPSHOTS).glob(f"*/{name}")
    table = pq.read_table(folder / f"{layer}.parquet", columns=[BBOX, HECTARES, "campo_id"])
    boxes = table[BBOX].combine_chunks()
    west, south, east, north = (np.asarray(boxes.field(edge)) for edge in _EDGES)
    own = float(west.min()), float(south.min()), float(east.max()), float(north.max())
    total = float(np.asarray(table[HECTARES]).sum())
    manifest = msgspec.structs.replace(
        read_manifest(folder),
        bounds=bounds or own,
        counts={each.value: count if each is Layer.FIELDS else 0 for each in Layer},
        farms_count=len(table["campo_id"].unique()),
        hectares=total,
        portal_hectares=total,
    )
    for each in set(Layer) - {Layer.FIELDS}:
        schema = pa.schema([*SNAPSHOT_COLUMNS[each], pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, boxes.type)])
        pq.write_table(schema.empty_table(), folder / f"{each}.parquet")
    (folder / MANIFEST).write_bytes(manifest.encode())


def cells(home: Path, count: int) -> None:
    """Write a grid of so many cells side by side, each of one field, and a snapshot beside it."""
    found = _square_of_cells(count)
    places = middles(found)
    west, south = places.min(axis=0).tolist()
    east, north = places.max(axis=0).tolist()
    fields(home, _BESIDE, (west, south, east, north))
    # Fields and farms are near cells: those of one parent follow each other.
    field = np.arange(count) // _CELLS_OF_FIELD
    farm = field // _FIELDS_OF_FARM
    random = np.random.default_rng(4)
    crop = random.integers(0, len(CROPS), int(field[-1]) + 1)[field]
    constant = {"campania": "25/26", "ambiente_id": None, "ambiente": None}
    numbers = {name: np.full(count, CELL_HA) for name in GRID.names if pa.types.is_floating(GRID.field(name).type)} | {
        name: np.zeros(count, int) for name in GRID.names if pa.types.is_int32(GRID.field(name).type)
    }
    values = {
        **{name: pa.array([value] * count, GRID.field(name).type) for name, value in constant.items()},
        **{name: pa.array(value, GRID.field(name).type) for name, value in numbers.items()},
        CELL: pa.array(found, pa.uint64()),
        CELL_TEXT: pa.array([f"{each:x}" for each in found.tolist()]),
        "lote_id": _numbered("lote-", field),
        "lote": _numbered("Lote ", field),
        "campo_id": _numbered("campo-", farm),
        "campo": _numbered("Estancia ", farm),
        "cultivo": pa.DictionaryArray.from_arrays(crop, pa.array(CROPS)).cast(pa.string()),
    }
    about = {"campania": "25/26", "resolucion": RESOLUTION, "campos": [], "cultivos": []}
    columns = {name: pa.array([RESOLUTION] * count, GRID.field(name).type) for name in GRID.names if name not in values}
    table = pa.table([(values | columns)[name] for name in GRID.names], schema=GRID)
    folder = root_of(home, Environment.TEST) / Folder.H3
    folder.mkdir(parents=True)
    described = table.replace_schema_metadata({METADATA: json.dumps(about).encode()})
    pq.write_table(described, folder / f"lotes todos 25-26 res {RESOLUTION}.parquet", compression="zstd")


def _numbered(word: str, number: np.ndarray) -> pa.Array:
    """Name the same number the same, however often it stands there."""
    names = pa.array([f"{word}{each}" for each in range(int(number[-1]) + 1)])
    return pa.DictionaryArray.from_arrays(number, names).cast(pa.string())


def _square_of_cells(count: int) -> np.ndarray:
    """Give cells of a square around the fields, sorted, so many of them."""
    west, south = CENTRE
    half = (count * 1.2 * _CELL_DEGREES) ** 0.5 / 2 + 0.02
    corners = [(south - half, west - half), (south - half, west + half), (south + half, west + half)]
    found = np.sort(np.array(h3.polygon_to_cells(h3.LatLngPoly([*corners, (south + half, west - half)]), RESOLUTION)))
    assert len(found) >= count, f"the square has only {len(found)} cells"
    return found[:count].astype(np.uint64)


if __name__ == "__main__":
    {"fields": fields, "cells": cells}[sys.argv[1]](Path(sys.argv[3]), int(sys.argv[2]))
