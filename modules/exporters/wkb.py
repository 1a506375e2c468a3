"""Well-known binary (OGC Simple Features 1.2.1, 8.2.8), whole columns at a time."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

#: Header of a little-endian multipolygon of one part, put before the polygon's WKB.
_MULTI_OF_ONE: Final = b"\x01\x06\x00\x00\x00\x01\x00\x00\x00"
_POLYGON_HEADER: Final = b"\x01\x03\x00\x00\x00"


def as_multipolygons(wkb: pa.Array) -> pa.Array:
    """Make a multipolygon of one part of each polygon of a little-endian WKB; multipolygons stay as they are."""
    single = pc.starts_with(wkb, _POLYGON_HEADER)
    return pc.if_else(single, pc.binary_join_element_wise(_MULTI_OF_ONE, wkb, b""), wkb)
