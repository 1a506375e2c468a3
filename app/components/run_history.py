"""The recent runs, page by page."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.components import address, chrome
from app.components.faults import told
from app.components.run_list import run_rows
from app.services import runs
from modules.i18n import gettext as _

_PAGE: Final = 20
_ALL: Final = "run-history-all"


def run_history() -> None:
    """Draw the page: the runs of this environment, or all of them (`?all=1`)."""
    chrome.header(_("Runs"))
    st.session_state[_ALL] = st.query_params.get("all") == "1"
    st.toggle(_("Both environments"), key=_ALL, on_change=_switch_all)
    _rows()


@st.fragment(run_every=5)
@address.speaking
def _rows() -> None:
    page, everything = address.page_number(), st.query_params.get("all") == "1"
    with told():
        found = runs.recent(
            _PAGE + 1, environment=None if everything else address.environment(), offset=(page - 1) * _PAGE
        )
        if not found and page == 1:
            st.info(_("There are no runs yet. The first backup is run from the home page."), icon=":material/info:")
            return
        run_rows(found[:_PAGE])
        _turn_pages(page, more=len(found) > _PAGE)


def _turn_pages(page: int, *, more: bool) -> None:
    everything = st.query_params.get("all")
    with st.container(horizontal=True):
        if page > 1:
            newer = address.params(all=everything, page=page - 1 if page > 2 else None)
            st.page_link(address.RUNS, label=_("Newer"), icon=":material/chevron_left:", query_params=newer)
        if more:
            older = address.params(all=everything, page=page + 1)
            st.page_link(
                address.RUNS,
                label=_("Older"),
                icon=":material/chevron_right:",
                icon_position="right",
                query_params=older,
            )


def _switch_all() -> None:
    address.show(all="1" if st.session_state[_ALL] else None, page=None)
