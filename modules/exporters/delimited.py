"""CSV as a spreadsheet set to Argentina's Spanish opens it by a double click: UTF-8 with mark, `;`, decimal comma.

A dot would be read as a thousands separator there and spoil coordinates without a word. A text is always a text:
what a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from modules.exporters.columns import local_instants

_SEPARATOR: Final = ";"
_LINE_END: Final = "\r\n"
_FORMULA_START: Final = r"^[=+\-@\t\r\n]"
_NEEDS_QUOTES: Final = r'[;"\r\n]'


def csv_lines(table: pa.Table) -> pa.ChunkedArray:
    """Write each row as a line of CSV without its end."""
    cells = [_cells(column) for column in table.columns]
    return pc.binary_join_element_wise(*cells, _SEPARATOR, null_handling="replace", null_replacement="")


def csv_content(table: pa.Table) -> bytes:
    """Write a small table whole; names of its columns need no quotes."""
    lines = [_SEPARATOR.join(table.column_names), *csv_lines(table).to_pylist()]
    return BOM_UTF8 + "".join(line + _LINE_END for line in lines).encode()


def write_csv(path: Path, column_names: list[str], lines: list[str]) -> None:
    """Write `csv_lines` below their header, whose names need no quotes."""
    with path.open("wb") as file:
        file.write(BOM_UTF8)
        file.write((_SEPARATOR.join(column_names) + _LINE_END).encode())
        file.writelines((line + _LINE_END).encode() for line in lines)


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        return _quoted(_inert(column))
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "sí", "no")
    if pa.types.is_floating(kind):
        return pc.replace_substring(column.cast(pa.string()), ".", ",")
    if pa.types.is_timestamp(kind):
        return local_instants(column).cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return column.cast(pa.string())


def _inert(text: pa.ChunkedArray) -> pa.ChunkedArray:
    dangerous = pc.match_substring_regex(text, _FORMULA_START)
    return pc.if_else(dangerous, pc.binary_join_element_wise("'", text, ""), text)


def _quoted(text: pa.ChunkedArray) -> pa.ChunkedArray:
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(text, _NEEDS_QUOTES), quoted, text)
