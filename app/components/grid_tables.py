"""The figures of a grid as tables, and as files for a spreadsheet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.services import grids
from modules.i18n import gettext as _
from modules.i18n.formats import number

if TYPE_CHECKING:
    import pyarrow as pa

    from app.components.grid_choice import Choice

_HEIGHT_PX: Final = 360
#: Hectares are shown to a hundred square metres; the file has all digits.
_DIGITS: Final = 2
_CELL_COLUMNS: Final = (
    "campo", "cultivo", "parte_cultivo", "superficie_ha", "muestreos", "marcadores", "lotes", "h3_texto",
)  # fmt: skip


def grid_tables(choice: Choice, cells: pa.Table) -> None:
    """Draw the figures by cell, by farm and by crop, each with its sum and its file."""
    by_cell, by_farm, by_crop = st.tabs([_("By cell"), _("By farm"), _("By crop")])
    with by_cell:
        _table("cells", f"{choice.grid.path.stem} celdas res {choice.resolution}", cells.select(list(_CELL_COLUMNS)))
    for tab, column in ((by_farm, "campo"), (by_crop, "cultivo")):
        with tab:
            _table(column, f"{choice.grid.path.stem} por {column}", grids.sums(choice.grid, column))


def _table(key: str, name: str, table: pa.Table) -> None:
    st.dataframe(
        _readable(table),
        column_config=_columns(),
        hide_index=True,
        width="stretch",
        height=_HEIGHT_PX if len(table) > 10 else "content",
        key=f"analysis-table-{key}",
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.text(_total(table))
        st.download_button(
            _("Save as CSV"),
            partial(_csv, table),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"analysis-csv-{key}",
        )


def _total(table: pa.Table) -> str:
    import pyarrow.compute as pc

    area, samples = (pc.sum(table[name]).as_py() or 0 for name in ("superficie_ha", "muestreos"))
    return _(
        "Sum of {rows} rows: {hectares} ha, {samples} samples.",
        rows=number(len(table)),
        hectares=number(area, 1),
        samples=number(samples),
    )


def _readable(table: pa.Table) -> pa.Table:
    """Round hectares, and say what is not known."""
    import pyarrow.compute as pc

    shown = {"superficie_ha": pc.round(table["superficie_ha"], _DIGITS)}
    # Names repeat: sent once each, a table of cells is two thirds as long.
    for name in {"campo", "cultivo"} & set(table.column_names):
        shown[name] = table[name].fill_null(_("no crop")).dictionary_encode()
    for name in {"muestreos", "marcadores"} & set(table.column_names):
        shown[name] = table[name].cast("int32")
    arrays = [shown.get(name, table[name]) for name in table.column_names]
    return table.from_arrays(arrays, table.column_names)


def _csv(table: pa.Table) -> bytes:
    from modules.exporters.delimited import csv_content

    return csv_content(table)


def _columns() -> dict[str, Any]:
    count = partial(st.column_config.NumberColumn, format="localized")
    return {
        "campo": st.column_config.TextColumn(_("Farm")),
        "cultivo": st.column_config.TextColumn(_("Crop")),
        "parte_cultivo": st.column_config.NumberColumn(
            _("Share"), format="percent", help=_("Share of the cell's hectares that the crop has")
        ),
        "superficie_ha": count(_("Hectares")),
        "muestreos": count(_("Samples")),
        "marcadores": count(_("Markers")),
        "lotes": count(_("Fields")),
        "celdas": count(_("Cells")),
        "h3_texto": st.column_config.TextColumn(_("H3 cell")),
    }
