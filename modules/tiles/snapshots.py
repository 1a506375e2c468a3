"""Layers of a snapshot as sources, read piece by piece: never are all geometries of a layer in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from modules.domain.choice import known_crops
from modules.domain.layers import NAME_COLUMN, Layer
from modules.errors import SnapshotError
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.geometry.batches import Geometries
from modules.i18n import N_
from modules.tiles.columns import Column, columns_of
from modules.tiles.shapes import shapes_of
from modules.tiles.vector import CROP, NAME, VectorSource

#: How columns begin that are for programs only.
_FOR_PROGRAMS: Final = "huella_"
_HECTARES: Final = ("superficie_geodesica_ha", "superficie_ha")
_ROWS_AT_ONCE: Final = 10_000


def load_layer(folder: Path, layer: Layer) -> VectorSource:
    """Read a layer from the folder of a snapshot. Raises SnapshotError for one that cannot be read."""
    path = folder / f"{layer}.parquet"
    try:
        with pq.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if _is_shown(name)]
            table = file.read(columns=names)
            shapes = shapes_of(_geometries(file))
        if layer in (Layer.ZONES, Layer.MARKERS):
            table = _with_crop(table, folder / f"{Layer.FIELDS}.parquet")
        table = known_crops(table)
        hectares = next((name for name in _HECTARES if name in table.column_names), None)
        return VectorSource(
            shapes,
            columns_of(table, table.column_names),
            Column.of(full_names(table, NAME_COLUMN[layer])),
            hectares=None if hectares is None else table[hectares].to_numpy().astype(np.float64),
            searched=(NAME_COLUMN[layer], NAME, "lote", "campo", CROP),
        )
    except (OSError, pa.ArrowException, KeyError, shapely.errors.GEOSException) as error:
        raise SnapshotError(
            N_("The backup {snapshot} cannot be read. Verify it with: tranquera snapshots verify"), snapshot=folder.name
        ) from error


def _is_shown(name: str) -> bool:
    return name not in (GEOMETRY, BBOX) and not name.startswith(_FOR_PROGRAMS)


def _geometries(file: pq.ParquetFile) -> Iterator[Geometries]:
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[GEOMETRY]):
        yield shapely.from_wkb(batch.column(0).to_numpy(zero_copy_only=False))


def _with_crop(table: pa.Table, fields: Path) -> pa.Table:
    """Give what belongs to fields the crop of its field."""
    known = pq.read_table(fields, columns=["id", CROP])
    place = pc.index_in(table["lote_id"], value_set=known["id"].combine_chunks())
    return table.append_column(CROP, known[CROP].combine_chunks().take(place.combine_chunks()))


def full_names(table: pa.Table, name: str) -> pa.Array:
    """Name rows as people do: the farm, then the thing, unless its name tells its farm already."""
    names = _texts(table, name)
    farms = _texts(table, "campo")
    return pa.array([_full(farm, each) for farm, each in zip(farms, names, strict=True)], pa.string())


def _texts(table: pa.Table, name: str) -> Sequence[str]:
    return [each or "" for each in table[name].to_pylist()] if name in table.column_names else [""] * len(table)


def _full(farm: str, name: str) -> str:
    told = f" {farm} ".casefold() in f" {name} ".casefold()
    return name if told or not farm else f"{farm} {name}".strip()
