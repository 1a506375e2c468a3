"""Stopping a run: a button that asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import inert, process_words, questions, words
from app.services import runs
from app.services.run import Run, RunState
from modules.errors import TranqueraError
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from app.services.run import Run


def cancel_button(run: Run) -> None:
    """Draw the button; nothing for a run that has ended or is being cancelled already."""
    if run.state.ended or run.state is RunState.CANCELLING:
        return
    if st.button(_("Cancel"), icon=":material/stop_circle:", key=f"cancel-{run.id}"):
        questions.ask(_("Cancel this run?"), _ask, run)


def _ask(run: Run) -> None:
    st.text(inert.plain(words.run_title(run)))
    st.markdown(process_words.cancel_question(run.process))
    keep, stop = st.columns(2)
    if keep.button(_("Let it go on"), width="stretch", key="cancel-no"):
        questions.close()
    with stop, st.container(key="danger-cancel"):
        if st.button(_("Cancel the run"), width="stretch", key="cancel-yes"):
            _cancel(run)


def _cancel(run: Run) -> None:
    try:
        runs.cancel(run.id)
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
    else:
        questions.close()
