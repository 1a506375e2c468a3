"""Layers of a snapshot as sources, read piece by piece: never are all geometries of a layer in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from modules.domain.choice import known_crops
from modules.domain.columns import HECTARES
from modules.domain.layers import NAME_COLUMN, Layer
from modules.errors import SnapshotError
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.geometry.batches import Geometries
from modules.i18n import N_
from modules.tiles.columns import Column, columns_of
from modules.tiles.shapes import shapes_of
from modules.tiles.vector import CROP, NAME, VectorSource
from modules.typed import typed

#: How columns begin that are for programs only.
_FOR_PROGRAMS: Final = "huella_"
_HECTARES: Final = (HECTARES, "superficie_ha")
_ROWS_AT_ONCE: Final = 10_000


def load_layer(folder: Path, layer: Layer) -> VectorSource:
    """Read a layer from the folder of a snapshot. Raises SnapshotError for one that cannot be read."""
    path = folder / f"{layer}.parquet"
    try:
        # Without `pre_buffer`, which would read all geometries before the first one is looked at.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            columns, names, hectares = _attributes(file, folder, layer)
            shapes = shapes_of(_geometries(file))
    except (OSError, pa.ArrowException, KeyError, shapely.errors.GEOSException) as error:
        raise SnapshotError(
            N_("The backup {snapshot} cannot be read. Verify it with: {command}"),
            snapshot=folder.name,
            command=typed("snapshots verify"),
        ) from error
    searched = (NAME_COLUMN[layer], NAME, "lote", "campo", CROP)
    return VectorSource(shapes, columns, names, hectares=hectares, searched=searched)


def _attributes(
    file: pq.ParquetFile, folder: Path, layer: Layer
) -> tuple[dict[str, Column], Column, NDArray[np.float64] | None]:
    """Give the columns, the names, and the hectares where there are any."""
    table = file.read(columns=[name for name in file.schema_arrow.names if _is_shown(name)])
    if layer in (Layer.ZONES, Layer.MARKERS):
        table = with_crop_of_field(table, folder / f"{Layer.FIELDS}.parquet")
    table = known_crops(table)
    hectares = next((name for name in _HECTARES if name in table.column_names), None)
    return (
        columns_of(table, table.column_names),
        Column.of(full_names(table, NAME_COLUMN[layer])),
        None if hectares is None else table[hectares].to_numpy().astype(np.float64),
    )


def _is_shown(name: str) -> bool:
    return name not in (GEOMETRY, BBOX) and not name.startswith(_FOR_PROGRAMS)


def _geometries(file: pq.ParquetFile) -> Iterator[Geometries]:
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[GEOMETRY]):
        yield shapely.from_wkb(batch.column(0).to_numpy(zero_copy_only=False))


def with_crop_of_field(table: pa.Table, fields: Path) -> pa.Table:
    """Give what belongs to fields the crop of its field."""
    known = pq.read_table(fields, columns=["id", CROP])
    place = pc.index_in(table["lote_id"], value_set=known["id"].combine_chunks())
    return table.append_column(CROP, known[CROP].combine_chunks().take(place.combine_chunks()))


def full_names(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Name rows as people do: the farm, then the thing, unless its name tells its farm already."""
    farms = "campo" if "campo" in table.column_names else name
    pieces = []
    for batch in table.select([name, farms]).to_batches(_ROWS_AT_ONCE):  # all as objects of Python are too many
        pairs = zip(batch.column(1).to_pylist(), batch.column(0).to_pylist(), strict=True)
        pieces.append(pa.array([_full(farm or "", each or "") for farm, each in pairs], pa.string()))
    return pa.chunked_array(pieces, pa.string())


def _full(farm: str, name: str) -> str:
    told = f" {farm} ".casefold() in f" {name} ".casefold()
    return name if told or not farm else f"{farm} {name}".strip()
