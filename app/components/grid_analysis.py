"""A grid to look at: what it sums up to, its cells on a map with their legend, the same figures as tables."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, inert, run_form
from app.components.faults import told
from app.components.grid_choice import choose, choose_grid
from app.components.grid_map import column_of, grid_map
from app.components.grid_scale import Figure, scale_of
from app.components.grid_tables import grid_tables
from app.components.grid_words import summary
from app.components.map_layers import SHOWN_GRID
from app.services import grids, maps
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.run_protocol import GRID_DEPLOYMENT

if TYPE_CHECKING:
    import pyarrow as pa

    from app.components.grid_choice import Choice
    from app.components.grid_scale import Scale
    from modules.h3_grid.stored import StoredGrid


def grid_analysis() -> None:
    """Draw the grid that the address names, else the newest one."""
    stored = grids.grids(address.settings().home, address.environment())
    if not stored:
        _nothing()
        return
    grid = choose_grid(stored)
    with told():
        _draw(grid)
    found = maps.snapshots(address.settings().home, address.environment())
    below = maps.newest_of(found, grid.season)
    if below is not None and grid == maps.grid_of(stored, grid.season):
        link = address.params(layers=SHOWN_GRID, snap=None if below == maps.newest_of(found) else below.id)
        st.page_link(address.MAP, label=_("See the grid on the map"), icon=":material/map:", query_params=link)
    _make_one(_("Make another grid"), primary=False)


def _draw(grid: StoredGrid) -> None:
    levels, by_crop, by_farm = grids.levels(grid), grids.sums(grid, "cultivo"), grids.sums(grid, "campo")
    if not levels:
        st.info(_("This grid has no cells."), icon=":material/hexagon:")
        return
    st.markdown(f"**{inert.markdown(_summary(by_crop))}**")
    crops = [crop for crop in by_crop["cultivo"].to_pylist() if crop]
    choice = choose(grid, crops, by_farm["campo"].to_pylist(), levels)
    cells = grids.figures(grid, choice.resolution, choice.crop)
    theme = "dark" if st.context.theme.type == "dark" else "light"
    largest = float(cells[column_of(choice.figure)].to_numpy().max(initial=0))
    scale = scale_of(choice.figure, largest, choice.crop, theme)
    grid_map(cells, choice, scale)
    _legend(choice, scale)
    grid_tables(choice, cells)


def _summary(by_crop: pa.Table) -> str:
    import pyarrow.compute as pc

    # A field has one crop.
    fields, area, samples = (pc.sum(by_crop[name]).as_py() or 0 for name in ("lotes", "superficie_ha", "muestreos"))
    return summary(fields, area, samples)


def _legend(choice: Choice, scale: Scale) -> None:
    titles = {
        Figure.HECTARES: _("Hectares of fields in each cell"),
        Figure.SAMPLES: _("Samples in each cell"),
        Figure.SHARE: _("Share of {crop} in the hectares of each cell", crop=choice.crop or ""),
    }
    swatches = "".join(
        f'<span><i style="background:{each.colour}"></i>{escape(each.label)}</span>' for each in scale.classes
    )
    unit = f" ({scale.unit})" if scale.unit else ""
    title = escape(inert.plain(titles[choice.figure]) + unit)
    st.html(f'<div class="legend"><b>{title}</b>{swatches}</div>')


def _nothing() -> None:
    if address.environment() is Environment.PRODUCTION and not grids.is_connected(address.settings().home):
        st.info(
            _("The production folders are not connected or not prepared yet, so their grids cannot be seen."),
            icon=":material/folder_off:",
        )
        return
    st.info(
        _("There is no grid yet. It cuts the fields of the last backup into equal cells: it takes about a minute."),
        icon=":material/hexagon:",
    )
    _make_one(_("Make a grid"), primary=True)


def _make_one(label: str, *, primary: bool) -> None:
    if st.button(label, type="primary" if primary else "secondary", icon=":material/hexagon:", key="make-grid"):
        run_form.open_form(GRID_DEPLOYMENT)
