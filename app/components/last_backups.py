"""The last backup of each environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, file_words, inert, words
from app.components.changes_line import changes_line
from app.services import catalog
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from modules.snapshots.store import Snapshot


def last_backups() -> None:
    """Draw a card for each environment: when, how many fields and hectares, or how to make the first one."""
    columns = st.columns(2)
    for column, environment in zip(columns, (Environment.PRODUCTION, Environment.TEST), strict=True):
        with column, st.container(border=True, height="stretch", key=f"edge-{environment}"):
            _card(environment)


def _card(environment: Environment) -> None:
    st.caption(_("Last backup · {environment}", environment=words.environment_word(environment)))
    snapshot = catalog.last_snapshot(address.settings().home, environment)
    if snapshot is None:
        st.text(nothing_yet(environment))
        return
    manifest = snapshot.manifest
    when = _("{when} · season {season}", when=recent(manifest.started_at), season=manifest.season)
    st.markdown(f"**{inert.markdown(when)}**")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.text(file_words.fields_and_hectares(manifest))
        with st.container(horizontal=True, width="content"):
            _links(environment, snapshot)
    changes_line(snapshot)


def _links(environment: Environment, snapshot: Snapshot) -> None:
    place = address.params(env=environment, path=catalog.path_of(address.settings().home, snapshot))
    st.page_link(address.FILES, label=_("See the files"), icon=":material/folder_open:", query_params=place)
    on_map = address.map_link(snapshot)
    st.page_link(address.MAP, label=_("See on the map"), icon=":material/map:", query_params=on_map)


def nothing_yet(environment: Environment) -> str:
    """Say why no backup is to be seen, and how to make the first one."""
    if catalog.is_connected(address.settings().home, environment):
        return _("There are no backups yet. Running the first one takes about a minute.")
    return _(
        "The production folders are not connected or not prepared yet, so their backups cannot be seen. Tell whoever "
        "maintains the system."
    )
