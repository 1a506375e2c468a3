"""Placemarks in folders, as people browse them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.kmz.writing.archive import Piece
from modules.kmz.writing.streams import TextStream
from modules.kmz.writing.text import escaped

END_OF_FOLDER: Final = b"</Folder>\n"


@dataclass(frozen=True, slots=True)
class Level:
    """Folders of one depth.

    codes: what rows of the layer have in common that stand in one folder, shape (n,)
    title: names the folder that holds the rows given
    """

    codes: NDArray[np.int64]
    title: Callable[[NDArray[np.int64]], str]


def folder(title: str, *, shown: bool = True, unfolded: bool = False) -> bytes:
    """Open a folder; one that is not `shown` waits for its tick."""
    opened, visible = "<open>1</open>" if unfolded else "", "" if shown else "<visibility>0</visibility>"
    return f"<Folder><name>{escaped(title)}</name>{visible}{opened}\n".encode()


def foldered(stream: TextStream, rows: NDArray[np.int64], levels: Sequence[Level]) -> Iterator[Piece]:
    """Give the next rows of a stream, which are `rows`, in folders within folders; rows of a folder stand together."""
    if not levels:
        yield from stream.take(len(rows))
        return
    codes = levels[0].codes[rows]
    ends = [*(np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist(), len(rows)]
    start = 0
    for end in ends:
        inside = rows[start:end]
        if len(inside):
            yield folder(levels[0].title(inside))
            yield from foldered(stream, inside, levels[1:])
            yield END_OF_FOLDER
        start = end
