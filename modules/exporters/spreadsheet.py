"""CSV and XLSX for spreadsheets. A text is always a text: never a formula, whatever it begins with."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from modules.i18n.formats import BUENOS_AIRES

#: What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(path: Path, table: pa.Table) -> None:
    """Write what a spreadsheet set to Argentina's Spanish opens by a double click: UTF-8 with mark, `;`, decimal comma.

    A dot would be read as a thousands separator there and spoil coordinates without a word.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(table.column_names)
        for row in _rows(table):
            writer.writerow([_csv_cell(value) for value in row])


def write_xlsx(path: Path, table: pa.Table, sheet_name: str) -> None:
    """Write one sheet with a fixed header row and a filter."""
    import xlsxwriter  # type: ignore[import-untyped]

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        header = book.add_format({"bold": True, "bottom": 1})
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        }
        sheet = book.add_worksheet(sheet_name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.column_names) - 1, 16)
        sheet.autofilter(0, 0, len(table), len(table.column_names) - 1)
        sheet.write_row(0, 0, table.column_names, header)
        for number, row in enumerate(_rows(table), start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(number, column, value, formats[type(value)])
                elif value is not None:
                    sheet.write(number, column, value)


def _rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    """Rows of plain values; moments in the company's time zone, since spreadsheets know none."""
    return zip(*(_column(column) for column in table.columns), strict=True)


def _column(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_timestamp(column.type):
        return [value and value.astimezone(BUENOS_AIRES).replace(tzinfo=None, microsecond=0) for value in values]
    return values


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    return str(value)
