"""Columns of a table as text, whole columns at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modules.i18n.zone import BUENOS_AIRES

_US_PER_HOUR = 3_600_000_000


def iso_instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write UTC instants as RFC 3339 has them: `2026-03-01T12:00:00Z`, to the second."""
    # A cast needs no time zone database, which Arrow does not find on Windows.
    text = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")


def local_instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Turn UTC instants into the wall time of Buenos Aires, without a zone: spreadsheets know none."""
    instants = column.cast(pa.int64()).combine_chunks()
    known = instants.fill_null(0).to_numpy()
    # The offset changes on the hour only, so it is looked up once for each hour that occurs.
    hours, which = np.unique(known // _US_PER_HOUR, return_inverse=True)
    offsets = np.array([_offset_us(int(hour)) for hour in hours], dtype=np.int64)
    local = pa.array(known + offsets[which], mask=np.asarray(instants.is_null()))
    return pa.chunked_array([local.cast(pa.timestamp("us"))])


@cache
def _offset_us(hour: int) -> int:
    offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(BUENOS_AIRES).utcoffset()
    assert offset is not None  # noqa: S101  (an aware time has one)
    return round(offset.total_seconds() * 1_000_000)
