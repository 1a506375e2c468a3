import csv
from datetime import UTC, date, datetime

import openpyxl
import pandas as pd
import pyarrow as pa

from modules.exporters.delimited import csv_lines, write_csv
from modules.exporters.workbook import write_xlsx

TEXTS = [
    "plain", "<script>alert(1)</script>", "a & b", "]]>", "  spaces  ", "two\nlines", "bell\x07", "_x0041_", "ñandú",
    "", "=1+1", "+1", "-1", "@A1", "\t=1", None,
]  # fmt: skip
TABLE = pa.table(
    {
        "texto": pa.array(TEXTS),
        "numero": pa.array([None if n == 3 else n / 7 for n in range(len(TEXTS))]),
        "dia": pa.array([None if n == 4 else date(2026, 2, 28) for n in range(len(TEXTS))]),
        "momento": pa.array(
            [None if n == 5 else datetime(2026, 3, 1, 2, 30, tzinfo=UTC) for n in range(len(TEXTS))],
            pa.timestamp("us", tz="UTC"),
        ),
        "bien": pa.array([n % 2 == 0 for n in range(len(TEXTS))]),
    }
)


def test_a_workbook_holds_values_of_their_kind(tmp_path):
    path = tmp_path / "hoja.xlsx"
    write_xlsx(path, TABLE, "hoja")
    sheet = openpyxl.load_workbook(path)["hoja"]
    (header, *rows) = sheet.iter_rows(values_only=True)
    assert list(header) == TABLE.column_names
    texts, numbers, days, moments, flags = (list(column) for column in zip(*rows, strict=True))
    escaped = {"bell\x07": "bell_x0007_", "_x0041_": "_x005F_x0041_"}
    assert [text or None for text in texts] == [escaped.get(text, text) or None for text in TEXTS]
    assert numbers == TABLE["numero"].to_pylist()
    assert days[0] == datetime(2026, 2, 28)  # noqa: DTZ001  (a sheet's times have no zone)
    assert days[4] is None
    assert moments[0] == datetime(2026, 2, 28, 23, 30)  # noqa: DTZ001
    assert moments[5] is None
    assert flags == TABLE["bien"].to_pylist()
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:E{len(TEXTS) + 1}"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_pandas_reads_a_workbook_of_more_than_one_batch(tmp_path):
    table = pa.table({"id": [str(n) for n in range(12_001)]})
    write_xlsx(tmp_path / "many.xlsx", table, "muchos")
    assert pd.read_excel(tmp_path / "many.xlsx", dtype=str)["id"].tolist() == table["id"].to_pylist()


def test_a_workbook_without_rows_opens(tmp_path):
    write_xlsx(tmp_path / "none.xlsx", TABLE.slice(0, 0), "nada")
    assert openpyxl.load_workbook(tmp_path / "none.xlsx").active.max_row == 1


def test_what_a_cell_cannot_hold_is_left_empty_or_cut(tmp_path):
    path = tmp_path / "hoja.xlsx"
    long = "&" * 32_766 + "🌱🌱"  # a seedling is two characters to a spreadsheet, and never half of one
    numbers = pa.array([float("nan"), float("inf"), float("-inf"), 1.5], pa.float64())
    table = pa.table({"texto": [long, "ñ" * 32_767, None, "corto"], "numero": numbers})
    write_xlsx(path, table, "hoja")
    (_header, *rows) = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    assert [text for text, _number in rows] == ["&" * 32_766, "ñ" * 32_767, None, "corto"]
    assert [number for _text, number in rows] == [None, None, None, 1.5]


def test_csv_keeps_texts_and_makes_formulas_inert(tmp_path):
    path = tmp_path / "hoja.csv"
    write_csv(path, TABLE.column_names, csv_lines(TABLE).to_pylist())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    inert = {text: "'" + text for text in ("=1+1", "+1", "-1", "@A1", "\t=1")}
    assert [row["texto"] for row in rows] == [inert.get(text, text) or "" for text in TEXTS]
    assert rows[1]["numero"] == "0,14285714285714285"
    assert rows[3]["numero"] == ""
    assert rows[0]["dia"] == "2026-02-28"
    assert rows[0]["momento"] == "2026-02-28 23:30:00"
    assert [rows[0]["bien"], rows[1]["bien"]] == ["sí", "no"]
