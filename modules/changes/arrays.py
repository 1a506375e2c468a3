"""Between numpy and Arrow, without pandas: what both would import for it takes longer than a comparison."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def places_of(indices: NDArray[np.int64]) -> pa.Array:
    """Give the places of rows as Arrow's `take` wants them."""
    return pa.Array.from_buffers(pa.int64(), len(indices), [None, pa.py_buffer(indices.astype(np.int64).tobytes())])


def integers_in(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Give integers without nulls to numpy."""
    return np.frombuffer(_data(column.cast(pa.int64())), dtype=np.int64)


def doubles_in(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Give numbers without nulls to numpy."""
    return np.frombuffer(_data(column.cast(pa.float64())), dtype=np.float64)


def truths_in(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Give truth values without nulls to numpy."""
    return np.frombuffer(_data(column.cast(pa.uint8())), dtype=np.uint8).astype(bool)


def _data(column: pa.ChunkedArray) -> bytes:
    """Copy the values of all chunks, each of which may be a part of a longer one."""
    width = column.type.bit_width // 8
    parts = []
    for chunk in column.chunks:
        begin = chunk.offset * width
        buffer = chunk.buffers()[1]
        if buffer is not None:
            parts.append(memoryview(buffer)[begin : begin + len(chunk) * width])
    return b"".join(parts)
