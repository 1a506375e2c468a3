"""XLSX with one sheet: a fixed bold header, a filter, and cells whose type is that of their column.

Written column by column instead of cell by cell: 20,000 rows take a tenth of the time of the libraries for it. Format:
ECMA-376 part 1, SpreadsheetML; texts are inline strings, so a text can never be a formula.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from modules.exporters.columns import local_instants

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

#: Indexes into cellXfs of the style sheet below.
_BOLD, _DAY, _MOMENT = 1, 2, 3
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FIXED_PARTS: Final = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": _STYLES,
}
#: Day 0 of a spreadsheet is 30 December 1899 (ECMA-376 part 1, 18.17.4.1).
_EPOCH_DAY: Final = 25569
_US_PER_DAY: Final = 86_400_000_000
#: What XML cannot hold; spreadsheets write it as _xHHHH_ (ECMA-376 part 1, 22.4.2.4).
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
#: Characters of a cell, as UTF-16 code units ("Excel specifications and limits"); a file with more is "repaired".
_MOST_CHARACTERS: Final = 32_767
_COLUMN_WIDTH: Final = 16
_ROWS_AT_ONCE: Final = 5000


def write_xlsx(path: Path, table: pa.Table, sheet_name: str) -> None:
    """Write n rows below their column names. sheet_name: at most 31 characters, without brackets and `:*?/`."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in _FIXED_PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/workbook.xml", _workbook(sheet_name))
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_sheet_head(table.column_names).encode())
            for start in range(0, len(table), _ROWS_AT_ONCE):
                sheet.write("".join(_rows(table.slice(start, _ROWS_AT_ONCE)).to_pylist()).encode())
            sheet.write(_sheet_tail(table).encode())


def _workbook(sheet_name: str) -> str:
    sheet = f'<sheet name={quoteattr(sheet_name)} sheetId="1" r:id="rId1"/>'
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheet}</sheets></workbook>'


def _sheet_head(names: list[str]) -> str:
    cells = "".join(f'<c s="{_BOLD}" t="inlineStr"><is><t>{escape(name)}</t></is></c>' for name in names)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        f'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="{len(names)}" '
        f'width="{_COLUMN_WIDTH}" customWidth="1"/></cols><sheetData><row>{cells}</row>'
    )


def _sheet_tail(table: pa.Table) -> str:
    last = f"{_letters(len(table.column_names))}{len(table) + 1}"
    return f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'


def _letters(column: int) -> str:
    """Name a column by its number from 1: A to Z, then AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _rows(table: pa.Table) -> pa.ChunkedArray:
    cells = [_cells(column).fill_null("<c/>") for column in table.columns]
    return pc.binary_join_element_wise("<row>", *cells, "</row>", "")


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        return _wrapped('<c t="inlineStr"><is><t xml:space="preserve">', _escaped(_cut(column)), "</t></is></c>")
    if pa.types.is_boolean(kind):
        return _wrapped('<c t="b"><v>', column.cast(pa.int8()), "</v></c>")
    if pa.types.is_date(kind):
        return _wrapped(f'<c s="{_DAY}"><v>', pc.add(column.cast(pa.int32()), _EPOCH_DAY), "</v></c>")
    if pa.types.is_timestamp(kind):
        days = pc.divide(local_instants(column).cast(pa.int64()).cast(pa.float64()), float(_US_PER_DAY))
        return _wrapped(f'<c s="{_MOMENT}"><v>', pc.add(days, float(_EPOCH_DAY)), "</v></c>")
    if pa.types.is_floating(kind):  # a cell has no way to say NaN or infinity
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
    return _wrapped("<c><v>", column, "</v></c>")


def _wrapped(before: str, values: pa.ChunkedArray, after: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(before, values.cast(pa.string()), after, "")


def _cut(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Shorten texts that no cell can hold."""
    # A text has at least as many bytes in UTF-8 as it has code units in UTF-16.
    if (pc.max(pc.binary_length(text)).as_py() or 0) <= _MOST_CHARACTERS:
        return text
    return pa.chunked_array([[value and _cut_text(value) for value in text.to_pylist()]], pa.string())


def _cut_text(text: str) -> str:
    return text.encode("utf-16-le")[: 2 * _MOST_CHARACTERS].decode("utf-16-le", errors="ignore")


def _escaped(text: pa.ChunkedArray) -> pa.ChunkedArray:
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, plain, entity)
    # A text that looks like an escape is one to a spreadsheet, unless its underscore is escaped.
    text = pc.replace_substring_regex(text, "_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    if not pc.any(pc.match_substring_regex(text, _CONTROL.pattern)).as_py():
        return text
    return pa.chunked_array([[value and _CONTROL.sub(_as_escape, value) for value in text.to_pylist()]], pa.string())


def _as_escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"
