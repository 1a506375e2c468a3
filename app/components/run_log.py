"""The technical log of a run, for whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.services import runs
from modules.i18n import gettext as _
from modules.i18n.zone import BUENOS_AIRES

if TYPE_CHECKING:
    from app.services.run import LogLine

_OPEN: Final = "run-log-open"
_OFFSETS: Final = "run-log-offsets"


def run_log(run_id: str) -> None:
    """Draw the log's fold; its lines are read only while it is open, a page at a time."""
    fold = st.expander(_("Technical log"), icon=":material/terminal:", key=f"{_OPEN}-{run_id}", on_change="rerun")
    if fold.open:
        with fold:
            _page(run_id)


def _page(run_id: str) -> None:
    offsets: list[int] = st.session_state.setdefault(f"{_OFFSETS}-{run_id}", [0])
    page = runs.log(run_id, offsets[-1])
    if not page.lines:
        st.caption(_("There are no lines yet.") if len(offsets) == 1 else _("There are no more lines."))
    else:
        st.code("\n".join(_line(line) for line in page.lines), language=None, wrap_lines=True)
    following = runs.log(run_id, page.next_offset) if page.lines else None
    with st.container(horizontal=True):
        if len(offsets) > 1 and st.button(_("Earlier lines"), key="log-earlier"):
            offsets.pop()
            st.rerun(scope="fragment")
        if following and following.lines and st.button(_("Later lines"), key="log-later"):
            offsets.append(page.next_offset)
            st.rerun(scope="fragment")


def _line(line: LogLine) -> str:
    return f"{line.when.astimezone(BUENOS_AIRES):%H:%M:%S}  {line.level:<8} {line.text}"
