"""What the pages of things made from a backup have in common: the backup, and how long each step took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, file_words, inert, words
from app.services import backups, catalog
from modules.i18n import gettext as _
from modules.i18n.formats import number
from modules.progress import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modules.environments import Environment


def backup_link(environment: Environment, season: str, snapshot: str) -> None:
    """Draw a link to the backup that something was made from, or say that it is gone."""
    home = address.settings().home
    found = backups.find(home, environment, season, snapshot)
    if found is None:
        st.caption(_("The backup that this was made from is not there any more."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(_("Made from the backup:"), width="content")
        st.page_link(
            address.FILES,
            label=inert.markdown(file_words.snapshot_title(found.manifest)),
            icon=":material/inventory_2:",
            query_params=address.params(env=environment, path=catalog.path_of(home, found)),
        )


def step_seconds(seconds: Mapping[str, float]) -> None:
    """Say how long each step took: `Escritura 2,4 s`."""
    known = {str(step): step for step in Step}
    said = [f"{words.step_word(known[name])} {seconds_word(took)}" for name, took in seconds.items() if name in known]
    if said:
        st.caption(inert.markdown(" · ".join(said)))


def seconds_word(seconds: float) -> str:
    """Write `2,4 s`."""
    return f"{number(seconds, 1)} s"
