"""A grid as KMZ: its cells in the colour of their crop, in a folder for each farm and each field of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from modules.domain.names import natural_key
from modules.h3_grid.cells import outlines
from modules.h3_grid.grid import CELL, CELL_TEXT, FIELD_HECTARES, FIELD_SHARE, MARKERS, SAMPLES
from modules.kmz.writing.archive import Archive, Piece
from modules.kmz.writing.balloons import balloon
from modules.kmz.writing.document import TAIL, document_head
from modules.kmz.writing.folders import Level, foldered
from modules.kmz.writing.placemarks import Placemarks
from modules.kmz.writing.streams import TextStream
from modules.kmz.writing.styles import cell_style, cell_style_id
from modules.kmz.writing.text import balloon_text, decimal_text, escaped, hectares_text
from modules.kmz_products.edition import Edition

Numbers = NDArray[np.int64]

#: Columns that go with each cell.
_COLUMNS: Final = (
    CELL_TEXT, "lote_id", "lote", "campo", "campania", "cultivo", "ambiente", FIELD_HECTARES, FIELD_SHARE, SAMPLES,
    MARKERS,
)  # fmt: skip


def write_cells(path: Path, table: pa.Table, title: str, edition: Edition, modified: datetime) -> None:
    """Write a grid (`GRID`) as KMZ. title: of the document; modified: what its entries say.

    Raises OSError, StorageError for more than a KMZ can hold.
    """
    with Archive(path, modified) as archive:
        archive.document(_pieces(table, title, edition))


def _pieces(table: pa.Table, title: str, edition: Edition) -> Iterator[Piece]:
    placemarks = _placemarks(table, edition)
    farms, farm_of = _numbered(table["campo_id"], table["campo"])
    fields, field_of = _numbered(table["lote_id"], table["lote"])
    rows = np.lexsort((table[CELL].to_numpy(), field_of, farm_of))
    hectares = table[FIELD_HECTARES].to_numpy()
    levels = [Level(farm_of, _titled(farms, farm_of, hectares)), Level(field_of, _titled(fields, field_of, hectares))]
    corners = shapely.get_num_coordinates(placemarks.geometry).astype(np.int64)
    stream = TextStream(lambda some: placemarks.joined(some, (), ()), rows, corners)
    styles = (cell_style(crop) for crop in sorted(pc.unique(table["cultivo"]).to_pylist(), key=lambda name: name or ""))
    yield document_head(title, edition.snippet, styles)
    yield from foldered(stream, rows, levels)
    yield TAIL


def _placemarks(table: pa.Table, edition: Edition) -> Placemarks:
    hectares = decimal_text(table[FIELD_HECTARES], 2)
    facts = [
        ("Campo", balloon_text(table["campo"])),
        ("Cultivo", balloon_text(table["cultivo"])),
        ("Ambiente", balloon_text(table["ambiente"])),
        ("Superficie en la celda (ha)", hectares),
        ("Muestreos", table[SAMPLES].combine_chunks().cast(pa.string())),
    ]
    return Placemarks(
        pc.binary_join_element_wise(hectares, " ha", ""),
        _styles(table["cultivo"]),
        escaped(edition.snippet),
        balloon(balloon_text(table["lote"]), facts, edition.snippet),
        table.select(list(_COLUMNS)),
        outlines(table[CELL].to_numpy()),
    )


def _styles(crops: pa.ChunkedArray) -> pa.Array:
    encoded = pc.dictionary_encode(crops.combine_chunks(), null_encoding="encode")
    ids = pa.array([cell_style_id(crop) for crop in encoded.dictionary.to_pylist()], pa.string())
    return ids.take(encoded.indices)


def _numbered(ids: pa.ChunkedArray, names: pa.ChunkedArray) -> tuple[list[str], Numbers]:
    """Number things in the order of their names; tell these, and the number of each row's thing."""
    encoded = pc.dictionary_encode(ids.combine_chunks())
    codes = encoded.indices.to_numpy()
    _each, first = np.unique(codes, return_index=True)
    of_code = names.take(pa.array(first)).to_pylist()
    keys = encoded.dictionary.to_pylist()
    order = sorted(range(len(keys)), key=lambda code: (natural_key(of_code[code]), keys[code]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return [of_code[code] for code in order], place[codes]


def _titled(names: list[str], number_of: Numbers, hectares: NDArray[np.float64]) -> Callable[[Numbers], str]:
    """Write `La Escondida · 1.763 ha` for the rows of a folder."""

    def title(rows: Numbers) -> str:
        return f"{names[number_of[rows[0]]]} · {hectares_text(float(hectares[rows].sum()))}"

    return title
