"""Text of rows in the order in which files take it, made a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from modules.kmz.writing.placemarks import Texts

#: Rows and vertices of a batch at most (a row with more of them is one by itself): a few megabytes, near a core.
_ROWS: Final = 1024
_VERTICES: Final = 100_000


class TextStream:
    """The text of `rows`, to be taken from first to last.

    make:     writes rows, in the order given
    vertices: how many each row of the layer has, shape (n,)
    """

    def __init__(
        self,
        make: Callable[[NDArray[np.int64]], pa.StringArray],
        rows: NDArray[np.int64],
        vertices: NDArray[np.int64],
    ) -> None:
        self._make = make
        self._rows = rows
        self._ends = np.concatenate([[0], np.cumsum(vertices[rows])])
        self._texts = Texts.of(pa.array([], pa.string()))
        self._start = self._next = 0

    def take(self, count: int) -> Iterator[memoryview]:
        """Give the text of the next `count` rows, in few pieces."""
        while count > 0:
            made = len(self._texts.offsets) - 1
            if self._next == self._start + made:
                self._refill()
                continue
            here = self._next - self._start
            taken = min(count, made - here)
            self._next += taken
            count -= taken
            yield self._texts.between(here, here + taken)

    def _refill(self) -> None:
        most = int(np.searchsorted(self._ends, self._ends[self._next] + _VERTICES, side="right")) - 1
        stop = max(min(most, self._next + _ROWS), self._next + 1)
        self._start = self._next
        self._texts = Texts.of(self._make(self._rows[self._next : stop]))
