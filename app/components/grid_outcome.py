"""What a run that made a grid left: its figures and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app.components import address, inert
from app.components.file_browser import item_table
from app.components.made_from import backup_link, step_seconds
from app.components.plain_table import plain_table
from app.services import catalog
from modules.errors import RequestError
from modules.h3_grid.result import GridResult, summary, warning_sentences
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, number
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modules.environments import Environment


def grid_outcome(left: Mapping[str, Any], environment: Environment) -> None:
    """Draw what a completed run left; `left` is `GridResult.to_dict()`."""
    result = GridResult.from_dict(left)
    st.success(inert.markdown(summary(result)), icon=":material/check_circle:")
    for sentence in warning_sentences(result):
        st.warning(inert.markdown(sentence), icon=":material/warning:")
    grid_figures(result)
    _files(result, environment)
    backup_link(environment, result.season, result.snapshot_id)
    step_seconds(result.seconds_by_step)


def grid_figures(result: GridResult) -> None:
    """Draw what a grid is in figures; one of an older version does not tell its mean cell."""
    resolution = number(result.resolution)
    figures = {
        _("Resolution"): _("{resolution} (proposed)", resolution=resolution) if result.proposed else resolution,
        **({_("Mean cell"): f"{number(result.mean_cell_ha, 2)} ha"} if result.mean_cell_ha else {}),
        _("Cells"): number(result.cells),
        _("Fields"): number(result.fields),
        _("Hectares"): hectares(result.hectares),
        _("Samples"): number(result.samples),
        _("Markers"): number(result.markers),
    }
    plain_table([*figures], [[*figures.values()]])


def _files(result: GridResult, environment: Environment) -> None:
    st.subheader(_("Files"), anchor=False)
    made = {file["name"] for file in result.files}
    try:
        listed = catalog.items(address.settings().home, environment, Folder.H3)
    except RequestError:  # the folder is gone
        listed = []
    there = [item for item in listed if item.entry.name in made]
    if there:
        item_table(there, environment, None)
    else:
        st.info(_("The files of this grid are not there any more."), icon=":material/folder_off:")
