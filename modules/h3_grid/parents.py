"""Coarser cells that sum up finer ones: what a map shows."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.errors import RequestError
from modules.h3_grid.cells import ancestors, resolutions_of, texts_of
from modules.h3_grid.grid import CELL, CELL_TEXT, FIELD_HECTARES, MARKERS, SAMPLES
from modules.h3_grid.weights import sums
from modules.i18n import N_

#: What `parents` needs of a grid.
NEEDED: Final = (CELL, "lote_id", "cultivo", FIELD_HECTARES, SAMPLES, MARKERS)
FIELDS: Final = "lotes"
CROP_SHARE: Final = "parte_cultivo"

#: A row for each cell, sorted by cell.
#:
#: superficie_ha    hectares of fields in it; muestreos, marcadores likewise; lotes: how many fields
#: cultivo, parte_cultivo    the crop with most hectares (null: none is known) and its share of them; or the chosen one
PARENTS: Final = pa.schema(
    [
        pa.field(CELL, pa.uint64(), nullable=False),
        pa.field(CELL_TEXT, pa.string(), nullable=False),
        pa.field(FIELD_HECTARES, pa.float64(), nullable=False),
        pa.field(SAMPLES, pa.int64(), nullable=False),
        pa.field(MARKERS, pa.int64(), nullable=False),
        pa.field(FIELDS, pa.int32(), nullable=False),
        pa.field("cultivo", pa.string()),
        pa.field(CROP_SHARE, pa.float64(), nullable=False),
    ]
)


def parents(table: pa.Table, resolution: int, crop: str | None = None) -> pa.Table:
    """Sum up a grid, or its short form, in cells of `resolution`; gives `PARENTS`.

    table: at least the columns `NEEDED`; crop: the one whose share is told, else that with most hectares of each cell
    Raises RequestError when the grid is coarser than that.
    """
    cells = table[CELL].to_numpy()
    if len(cells) and int(resolutions_of(cells).min()) < resolution:
        raise RequestError(
            N_("The grid is coarser than resolution {resolution}. Choose a lower one."), resolution=resolution
        )
    each, place = np.unique(ancestors(cells, resolution), return_inverse=True)
    hectares = table[FIELD_HECTARES].to_numpy()
    total = sums(place, hectares, len(each))
    codes, crops = _encoded(table["cultivo"])
    of_crop = _sums(place, codes, hectares, len(each), len(crops))
    shown, most = _largest(of_crop) if crop is None else _chosen(of_crop, crops, crop)
    columns = [
        pa.array(each),
        texts_of(each),
        pa.array(total),
        *(_counted(table[name], place, len(each)) for name in (SAMPLES, MARKERS)),
        pa.array(_distinct(place, _encoded(table["lote_id"])[0], len(each))),
        _names(crops, shown) if crop is None else pa.array([crop] * len(each), pa.string()),
        pa.array(np.divide(most, total, out=np.zeros(len(each)), where=total > 0)),
    ]
    return pa.table(columns, schema=PARENTS)


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Number the values, -1 for none."""
    array = column.combine_chunks()
    encoded = array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)
    return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _sums(
    place: NDArray[np.int64], codes: NDArray[np.int64], values: NDArray[np.float64], cells: int, kinds: int
) -> NDArray[np.float64]:
    """Sum values for each cell and kind, shape (cells, kinds + 1); the last column is for rows of no kind."""
    index = place * (kinds + 1) + np.where(codes < 0, kinds, codes)
    return sums(index, values, cells * (kinds + 1)).reshape(cells, kinds + 1)


def _largest(of_crop: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    shown = of_crop.argmax(axis=1)
    return shown, of_crop[np.arange(len(shown)), shown]


def _chosen(of_crop: NDArray[np.float64], crops: list[str], crop: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    number = crops.index(crop) if crop in crops else None
    most = of_crop[:, number] if number is not None else np.zeros(len(of_crop))
    return np.full(len(of_crop), -1 if number is None else number), most


def _counted(column: pa.ChunkedArray, place: NDArray[np.int64], cells: int) -> pa.Array:
    return pa.array(np.bincount(place, column.to_numpy(), minlength=cells).astype(np.int64))


def _distinct(place: NDArray[np.int64], codes: NDArray[np.int64], cells: int) -> NDArray[np.int32]:
    pairs = np.unique(place * (int(codes.max(initial=0)) + 1) + codes)
    return np.bincount(pairs // (int(codes.max(initial=0)) + 1), minlength=cells).astype(np.int32)


def _names(crops: list[str], shown: NDArray[np.int64]) -> pa.Array:
    return pa.array([*crops, None], pa.string()).take(pa.array(shown))
