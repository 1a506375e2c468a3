"""The fields of the map as a table: choosing a row chooses the field on the map, and the other way around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import file_words, inert, map_choice
from app.services import maps
from modules.domain.columns import HECTARES
from modules.i18n import gettext as _
from modules.i18n.formats import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_KEY: Final = "map-table"
_ONLY: Final = "map-table-only"
_HEIGHT_PX: Final = 320
#: More rows than this are a megabyte on their way with each change.
_MOST: Final = 2_000
_COLUMNS: Final = ("campo", "lote", "cultivo", HECTARES, "superficie_ha")


def map_table(fields: pa.Table, selection: Sequence[str]) -> None:
    """Draw the fields that the filter leaves, those of the selection ticked, with what both sum up to.

    fields: rows by farm and name; selection: ids
    """
    places = maps.places_of(fields, selection)
    with st.container(horizontal=True, vertical_alignment="center", key="map-table-head"):
        st.markdown(f"**{file_words.sums_of(fields)}**", width="content")
        if places:
            chosen = maps.taken(fields, places)
            st.badge(
                inert.markdown(_("Selection: {told}", told=file_words.sums_of(chosen))), color="green", width="content"
            )
            st.toggle(_("Only the selection"), key=_ONLY)
            st.button(
                _("Clear the selection"),
                icon=":material/deselect:",
                type="tertiary",
                key="map-clear",
                on_click=map_choice.select,
                args=([],),
            )
    if not map_choice.fits_in_address(selection):
        st.caption(_("This selection is too long for a link: whoever opens it sees the map without it."))
    if len(fields) == 0:
        st.info(_("There are no fields here: choose another backup, or other farms and crops."), icon=":material/map:")
        return
    shown = _shown(len(fields), places)
    ticked = set(places)
    _draw(maps.taken(fields, shown), [row for row, place in enumerate(shown) if place in ticked])
    if len(shown) < len(fields) and not st.session_state.get(_ONLY):
        st.caption(
            _(
                "{shown} of {count} fields stand in the table. Choose farms or crops above to see the others.",
                shown=number(len(shown)),
                count=number(len(fields)),
            )
        )


def _shown(count: int, places: Sequence[int]) -> list[int]:
    """Tell which rows stand in the table: the chosen ones always, others up to what a page can carry."""
    if places and st.session_state.get(_ONLY):
        return list(places)
    return sorted({*range(min(count, _MOST)), *places})


def show_selection() -> None:
    """Show only the chosen fields with the next run."""
    st.session_state[_ONLY] = True


def _draw(fields: pa.Table, ticked: Sequence[int]) -> None:
    st.session_state[_KEY] = {"selection": {"rows": list(ticked)}}
    labels = [map_choice.column_word(name) for name in _COLUMNS]
    st.dataframe(
        fields.select(_COLUMNS).to_pandas().round(1),
        height=_HEIGHT_PX,
        hide_index=True,
        key=_KEY,
        on_select=lambda: _chosen(fields["id"].to_pylist()),
        selection_mode="multi-row",
        placeholder="",
        column_config={
            name: st.column_config.NumberColumn(label, format="localized") if "superficie" in name else label
            for name, label in zip(_COLUMNS, labels, strict=True)
        },
        alt=_("Fields of the map"),
    )


def _chosen(ids: Sequence[str]) -> None:
    rows = st.session_state[_KEY]["selection"]["rows"]
    map_choice.select([ids[row] for row in rows if row < len(ids)])
