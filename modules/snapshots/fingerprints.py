"""A 64-bit hash of each row's geometry and of its attributes: two snapshots are compared without reading shapes.

BLAKE2b (RFC 7693) with an 8-byte digest, read as a little-endian signed integer. Rows are compared by id, so a
collision would have to hit the same row on two days.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SEPARATOR: Final = "\x1f"
_NULL: Final = "\x00"
#: A portal touches this without changing anything.
_NOT_HASHED: Final = ("actualizado",)


def fingerprints_of_geometry(wkb: pa.Array) -> NDArray[np.int64]:
    """Hash WKB of shape (n,)."""
    return _hashes(wkb.to_pylist())


def fingerprints_of_attributes(attributes: pa.Table) -> NDArray[np.int64]:
    """Hash each row's attributes, all but the moment the portal last touched them."""
    columns = [attributes[name].cast(pa.string()) for name in attributes.column_names if name not in _NOT_HASHED]
    rows = pc.binary_join_element_wise(*columns, _SEPARATOR, null_handling="replace", null_replacement=_NULL)
    return _hashes(rows.cast(pa.binary()).to_pylist())


def _hashes(rows: list[bytes]) -> NDArray[np.int64]:
    return np.frombuffer(b"".join([blake2b(row, digest_size=8).digest() for row in rows]), dtype="<i8")
