"""The attributes of a source: as numbered values, each of which is ready to be put into a tile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.i18n.zone import BUENOS_AIRES
from modules.tiles.encoding import Attribute, varint

#: How many values of a text `info.json` lists.
MOST_VALUES: Final = 40
_CLASSES: Final = 6
_FIELD: Final = 0x22
_TEXT, _DOUBLE, _SIGNED, _BOOL = 0x0A, 0x19, 0x30, 0x38


@dataclass(frozen=True, slots=True)
class Column:
    """A column of n rows.

    code:   (n,) which value each row has; -1 for none
    values: the values there are, each once
    ready:  the same as messages of a tile
    """

    code: NDArray[np.int32]
    values: pa.Array
    ready: pa.Array

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Column:
        """Number the values of a column: text, numbers, truth values; moments and days become text."""
        plain = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        plain = _told(plain)
        encoded = plain if pa.types.is_dictionary(plain.type) else pc.dictionary_encode(plain)
        code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        return cls(code, encoded.dictionary, _ready(encoded.dictionary))

    @property
    def is_number(self) -> bool:
        """Tell whether its values are numbers."""
        return bool(pa.types.is_floating(self.values.type) or pa.types.is_integer(self.values.type))

    @property
    def nbytes(self) -> int:
        """Bytes of all of it."""
        return int(self.code.nbytes + self.values.nbytes + self.ready.nbytes)

    def taken(self, rows: NDArray[np.integer]) -> Attribute:
        """Give the attribute of some rows."""
        return Attribute(self.code[rows], self.ready)

    def at(self, row: int) -> Any:
        """Give the value of a row; None for none."""
        code = int(self.code[row])
        return None if code < 0 else self.values[code].as_py()

    def matching(self, wanted: frozenset[str], nothing: str | None = None) -> NDArray[np.bool_]:
        """Tell the rows whose value is one of `wanted`; `nothing` in it means rows without a value."""
        known = pc.is_in(self.values, value_set=pa.array(sorted(wanted), pa.string())).to_numpy(zero_copy_only=False)
        # The last one answers for -1.
        return np.append(known, nothing is not None and nothing in wanted)[self.code]


def numbered(values: NDArray[np.integer]) -> Attribute:
    """Give numbers, all of them there, as an attribute."""
    return Column.of(pa.array(values)).taken(np.arange(len(values)))


def _told(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
        return _told(column.dictionary_decode())
    if pa.types.is_timestamp(kind):  # many rows have the same
        encoded = pc.dictionary_encode(column)
        texts = pa.array([_moment(each) for each in encoded.dictionary.to_pylist()], pa.string())
        return texts.take(encoded.indices)
    if pa.types.is_date(kind):
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column.cast(pa.float64())), column.cast(pa.float64()), None)
    return column


def _moment(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(BUENOS_AIRES).isoformat(timespec="seconds")


def _ready(values: pa.Array) -> pa.Array:
    """Write each value as a tile's message: field number and length, then that of its type, then it."""
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _ready_texts(values.cast(pa.binary()))
    if pa.types.is_floating(values.type):
        return _ready_doubles(values.to_numpy(zero_copy_only=False))
    numbers = [int(each) for each in values.to_pylist()]
    kind = _BOOL if pa.types.is_boolean(values.type) else _SIGNED
    messages = [
        bytes([kind]) + varint(each if kind == _BOOL else each << 1 if each >= 0 else ~(each << 1)) for each in numbers
    ]
    return pa.array([bytes([_FIELD]) + varint(len(each)) + each for each in messages], pa.binary())


def _ready_texts(values: pa.Array) -> pa.Array:
    lengths = pc.dictionary_encode(pc.binary_length(values))
    heads = []
    for length in lengths.dictionary.to_pylist():
        head = bytes([_TEXT]) + varint(length)
        heads.append(bytes([_FIELD]) + varint(len(head) + length) + head)
    head_of = pa.array(heads, pa.binary()).take(lengths.indices)
    return pc.binary_join_element_wise(head_of, values, pa.scalar(b"", pa.binary()))


def _ready_doubles(values: NDArray[np.float64]) -> pa.Array:
    size = 3 + 8
    messages = np.empty((len(values), size), np.uint8)
    messages[:, :3] = (_FIELD, 1 + 8, _DOUBLE)
    messages[:, 3:] = values.astype("<f8").view(np.uint8).reshape(-1, 8)
    ends = np.arange(len(values) + 1, dtype=np.int32) * np.int32(size)
    return pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(messages.tobytes())])


def described(name: str, column: Column, hectares: NDArray[np.float64] | None) -> dict[str, Any]:
    """Tell of a column what a legend needs; hectares: of each row."""
    if column.is_number:
        return {"name": name, "type": "number"} | _spread(column)
    codes = column.code + 1
    rows = np.bincount(codes, minlength=len(column.values) + 1)
    areas = np.bincount(codes, np.nan_to_num(hectares), minlength=len(rows)) if hectares is not None else None
    order = np.argsort(-rows, kind="stable")[:MOST_VALUES]
    return {
        "name": name,
        "type": "text",
        "values": [
            {
                "value": None if place == 0 else column.values[int(place) - 1].as_py(),
                "rows": int(rows[place]),
                "hectares": 0.0 if areas is None else round(float(areas[place]), 2),
            }
            for place in order
            if rows[place]
        ],
    }


def _spread(column: Column) -> dict[str, Any]:
    values = column.values.to_numpy(zero_copy_only=False)[column.code[column.code >= 0]].astype(np.float64)
    if not len(values):
        return {"min": None, "max": None, "quantiles": []}
    inner = np.quantile(values, np.arange(1, _CLASSES) / _CLASSES)
    return {"min": _plain(values.min()), "max": _plain(values.max()), "quantiles": [_plain(each) for each in inner]}


def _plain(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0


def columns_of(table: pa.Table, names: Sequence[str]) -> dict[str, Column]:
    """Number the columns of a table."""
    return {name: Column.of(table[name]) for name in names}
