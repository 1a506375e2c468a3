"""What changed since the backup before, in a line of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert, questions
from app.components.changes_section import changes_panel, first_sentence, map_of_changes, unbroken
from app.services import changes
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from modules.snapshots.store import Snapshot

#: How long the page waits for each of two environments before it goes on without.
_PATIENCE_S: Final = 0.4


def changes_line(snapshot: Snapshot) -> None:
    """Draw what differs from the backup before: of the same farms and season, whenever that was."""
    before = changes.predecessor(address.settings().home, snapshot)
    if before is None:
        st.caption(first_sentence(snapshot))
        return
    ready = changes.comparison(before, snapshot, _PATIENCE_S).done()
    st.fragment(run_every=None if ready else questions.pace(1))(_line)(before, snapshot, drawn=ready)


@address.speaking
def _line(before: Snapshot, snapshot: Snapshot, *, drawn: bool) -> None:
    from modules.changes.words import summary_parts

    found = changes.comparison(before, snapshot)
    if found.done() and not drawn:
        st.rerun()
    st.caption(_("Since the backup before ({when})", when=recent(before.manifest.started_at)))
    if not found.done():
        st.caption(_("Comparing …"))
        return
    try:
        said = found.result()
    except TranqueraError as error:
        st.caption(inert.markdown(error.sentence()))
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        parts = summary_parts(said)
        if said.nothing or not parts:
            st.text(_("Nothing changed.") if said.nothing else _("No field changed."))
        else:
            st.text(unbroken(" · ".join(parts)))
        if not said.nothing:
            with st.container(horizontal=True, width="content"):
                _links(before, snapshot)


def _links(before: Snapshot, snapshot: Snapshot) -> None:
    if st.button(_("See the changes"), type="tertiary", icon=":material/difference:", key=f"changes-{snapshot.id}"):
        questions.ask(_("Changes"), changes_panel, before, snapshot, width="medium")
    map_of_changes(before, snapshot)
