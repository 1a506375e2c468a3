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
NEEDED: Final = (CELL, "lote_id", "campo", "cultivo", FIELD_HECTARES, SAMPLES, MARKERS)
FIELDS: Final = "lotes"
CROP_SHARE: Final = "parte_cultivo"

#: A row for each cell, sorted by cell.
#:
#: superficie_ha    hectares of fields in it; muestreos, marcadores likewise; lotes: how many fields
#: campo            the farm with most hectares
#: cultivo, parte_cultivo    the crop with most hectares (null: none is known) and its share of them; or the chosen one
PARENTS: Final = pa.schema(
    [
        pa.field(CELL, pa.uint64(), nullable=False),
        pa.field(CELL_TEXT, pa.string(), nullable=False),
        pa.field(FIELD_HECTARES, pa.float64(), nullable=False),
        pa.field(SAMPLES, pa.int64(), nullable=False),
        pa.field(MARKERS, pa.int64(), nullable=False),
        pa.field(FIELDS, pa.int32(), nullable=False),
        pa.field("campo", pa.string()),
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
    (farm_of, farms), (crop_of, crops) = (_encoded(table[name]) for name in ("campo", "cultivo"))
    farm, _most = _largest(place, farm_of, hectares, len(each))
    if crop is None:
        shown, of_crop = _largest(place, crop_of, hectares, len(each))
    else:
        chosen = crop_of == (crops.index(crop) if crop in crops else len(crops))
        of_crop = sums(place, hectares * chosen, len(each))
    columns = [
        pa.array(each),
        texts_of(each),
        pa.array(total),
        *(_counted(table[name], place, len(each)) for name in (SAMPLES, MARKERS)),
        pa.array(_distinct(place, _encoded(table["lote_id"])[0], len(each))),
        _names(farms, farm),
        _names(crops, shown) if crop is None else pa.array([crop] * len(each), pa.string()),
        pa.array(np.divide(of_crop, total, out=np.zeros(len(each)), where=total > 0)),
    ]
    return pa.table(columns, schema=PARENTS)


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Number the values, -1 for none."""
    array = column.combine_chunks()
    encoded = array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)
    return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _largest(
    place: NDArray[np.int64], codes: NDArray[np.int64], hectares: NDArray[np.float64], cells: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Tell for each cell the code with most hectares, -1 among them, and these."""
    kinds = int(codes.max(initial=0)) + 2
    pairs, pair = np.unique(place * kinds + codes + 1, return_inverse=True)
    of_pair = sums(pair, hectares, len(pairs))
    code, most = np.full(cells, -1), np.zeros(cells)
    # What is written last stays: the largest, of equal ones the code that comes first.
    order = np.lexsort((-pairs, of_pair))
    cell, found = np.divmod(pairs[order], kinds)
    code[cell], most[cell] = found - 1, of_pair[order]
    return code, most


def _counted(column: pa.ChunkedArray, place: NDArray[np.int64], cells: int) -> pa.Array:
    return pa.array(np.bincount(place, column.to_numpy(), minlength=cells).astype(np.int64))


def _distinct(place: NDArray[np.int64], codes: NDArray[np.int64], cells: int) -> NDArray[np.int32]:
    pairs = np.unique(place * (int(codes.max(initial=0)) + 1) + codes)
    return np.bincount(pairs // (int(codes.max(initial=0)) + 1), minlength=cells).astype(np.int32)


def _names(names: list[str], which: NDArray[np.int64]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(which, mask=which < 0))
