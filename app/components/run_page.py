"""A run's page: how it goes, what it left, what can be done. Prefect is the truth; a reload shows the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from app.components import address, chrome, inert, questions, run_form, words
from app.components.cancel import cancel_button
from app.components.faults import told
from app.components.outcome import outcome
from app.components.run_list import state_badge
from app.components.run_log import run_log
from app.components.run_steps import run_steps
from app.services import runs
from app.services.run import Run, RunState
from modules.errors import ServerUnreachable, TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import duration

#: Lines of the log go on arriving for about three seconds after a run's last state.
_ECHO: Final = timedelta(seconds=5)


def run_page(run_id: str) -> None:
    """Draw the page of a run."""
    try:
        run = runs.run(run_id)
    except TranqueraError as error:
        chrome.header(_("Runs"))
        _unreadable(error)
        return
    if run.environment and run.environment is not address.environment():
        address.show(env=run.environment)
    chrome.header(words.run_title(run))
    settled = run.ended is not None and datetime.now(UTC) - run.ended > _ECHO
    st.fragment(run_every=None if run.state.ended else questions.pace(1))(_how_it_goes)(run_id, drawn=run.state)
    if run.state.ended:
        outcome(run)
    st.fragment(run_every=None if settled else questions.pace(2))(_log)(run_id, settled=settled)


def _unreadable(error: TranqueraError) -> None:
    st.error(inert.markdown(error.sentence()), icon=":material/error:")
    st.page_link(address.RUNS, label=_("All runs"), icon=":material/chevron_left:", query_params=address.params())
    if isinstance(error, ServerUnreachable):
        st.fragment(run_every=3)(_wait_for_server)()


@address.speaking
def _wait_for_server() -> None:
    st.caption(_("This page goes on by itself when the server answers again."))
    if runs.server_answers():
        st.rerun()


@address.speaking
def _how_it_goes(run_id: str, drawn: RunState) -> None:
    with told():
        run = runs.run(run_id)
        if run.state.ended and not drawn.ended:
            st.rerun()
        _state_line(run)
        run_steps(run, runs.progress(run_id))
        _reason(run)


def _state_line(run: Run) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            left = runs.outcome(run.id) if run.state is RunState.FAILED else None
            state_badge(run, held_back=left is not None and left.held_back)
            if run.started:
                st.text(duration(run.seconds))
        with st.container(horizontal=True, width="content"):
            cancel_button(run)
            if run.deployment and st.button(_("Repeat"), icon=":material/replay:", key="repeat"):
                run_form.open_form(run.deployment, run.parameters)


def _reason(run: Run) -> None:
    """Say why a run has not begun, or that it is on its way out."""
    if run.state is RunState.CANCELLING:
        st.info(
            _("The run is asked to stop. Until its process has ended it may still finish what it is writing."),
            icon=":material/hourglass_top:",
        )
        return
    reason = runs.waiting_reason(run)
    if reason:
        st.info(inert.markdown(words.waiting_sentence(reason)), icon=":material/schedule:")


@address.speaking
def _log(run_id: str, *, settled: bool) -> None:
    with told():
        run_log(run_id)
        run = runs.run(run_id)
        if not settled and run.ended and datetime.now(UTC) - run.ended > _ECHO:
            st.rerun()
