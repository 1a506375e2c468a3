"""Coordinates as KML has them, `lon,lat lon,lat …`, made as digits of whole arrays.

Seven decimals of a degree are a centimetre. Every number becomes sixteen bytes by looking up four digits at a time; the
bytes that it does not need (a sign, leading zeros, padding) are then left out. Five times as fast as
`shapely.to_wkt` and its separators replaced.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DECIMALS: Final = 7
_UNITS: Final = 10**DECIMALS
#: Vertices at a time: what is made of them fits into a processor's cache.
_VERTICES: Final = 1 << 15
_NUMBER_BYTES: Final = 16
_SEPARATORS: Final = np.frombuffer(b", ", dtype=np.uint8)
_SEPARATOR_AT: Final = 12

#: `0000` … `9999` and `.000` … `.999`, each as the four bytes of one number.
_FOUR_DIGITS: Final = np.frombuffer("".join(f"{each:04}" for each in range(10_000)).encode(), dtype=np.uint32)
_POINT_AND_THREE: Final = np.frombuffer("".join(f".{each:03}" for each in range(1_000)).encode(), dtype=np.uint32)


def sequence_texts(coordinates: NDArray[np.float64], offsets: NDArray[np.int64]) -> pa.StringArray:
    """Write sequences of vertices.

    coordinates: shape (v, 2), lon/lat degrees, finite and within ±180
    offsets:     shape (n + 1,): sequence i has the vertices offsets[i]:offsets[i + 1], at least one
    """
    pieces, sizes = [], np.zeros(len(coordinates) + 1, dtype=np.int64)
    for start in range(0, len(coordinates), _VERTICES):
        text, lengths = _digits(coordinates[start : start + _VERTICES])
        pieces.append(text)
        sizes[start + 1 : start + 1 + len(lengths)] = lengths
    ends = np.cumsum(sizes)
    data = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.uint8)
    # The space behind a sequence's last vertex stays: lists of coordinates may end in one.
    bounds = ends[offsets].astype(np.int32)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(bounds), pa.py_buffer(data))


def _digits(coordinates: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Write vertices one after another; tell the text, and the length of each vertex in it."""
    count = len(coordinates)
    units = np.rint(coordinates * _UNITS).astype(np.int64)
    negative = units < 0
    np.abs(units, out=units)
    upper = units // 10_000
    lowest = units - upper * 10_000
    whole = upper // 1_000
    words = np.empty((count, 2, _NUMBER_BYTES // 4), dtype=np.uint32)
    words[..., 0] = _FOUR_DIGITS[whole]
    words[..., 1] = _POINT_AND_THREE[upper - whole * 1_000]
    words[..., 2] = _FOUR_DIGITS[lowest]
    text = words.view(np.uint8)
    # No degree has four digits, so the first of them is the sign's place.
    text[..., 0] = ord("-")
    text[..., _SEPARATOR_AT] = _SEPARATORS
    keep = np.ones((count, 2, _NUMBER_BYTES), dtype=bool)
    keep[..., 0] = negative
    keep[..., 1] = whole >= 100
    keep[..., 2] = whole >= 10
    keep[..., _SEPARATOR_AT + 1 :] = False
    fixed = 2 * (_SEPARATOR_AT - 2)
    lengths = fixed + keep[..., :3].sum(axis=(1, 2))
    return text[keep], lengths
