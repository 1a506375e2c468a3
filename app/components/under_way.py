"""The runs that are under way, each with its progress, its link and a way to stop it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.components import address, inert, questions, words
from app.components.cancel import cancel_button
from app.components.faults import told
from app.components.run_list import run_link, state_badge
from app.services import runs
from app.services.run import Process, Run, RunState, StepProgress
from modules.i18n import gettext as _
from modules.i18n.formats import duration

_SHOWN: Final = "under-way-shown"
_EVERY_S: Final = 3


def under_way() -> None:
    """Draw the runs under way, again every few seconds; draws nothing when there are none."""
    st.fragment(run_every=questions.pace(_EVERY_S))(_under_way)()


@address.speaking
def _under_way() -> None:
    with told():
        active = runs.active()
        _redraw_when_one_ended({run.id for run in active})
        if active:
            st.subheader(_("Under way"), anchor=False)
        for run in active:
            _card(run)


def _redraw_when_one_ended(now: set[str]) -> None:
    """Draw the whole page again when a run has ended: its backup may be the last one now."""
    before: set[str] = st.session_state.get(_SHOWN, set())
    st.session_state[_SHOWN] = now
    if before - now:
        st.rerun()


def _card(run: Run) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                state_badge(run)
                st.text(inert.plain(words.run_title(run)))
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                run_link(run, _("See"))
                cancel_button(run)
        steps = runs.progress(run.id) if run.state is RunState.RUNNING else []
        if steps:
            share, sentence = overall(run.process, steps)
            st.progress(share, text=f"{inert.markdown(sentence)} · {duration(run.seconds)}")


def overall(process: Process | None, steps: list[StepProgress]) -> tuple[float, str]:
    """Sum the steps up: a share of the whole and the step at work with its count."""
    at_work = next((step for step in steps if not step.finished), steps[-1])
    finished = sum(step.finished for step in steps)
    within = at_work.done / at_work.total if at_work.total and not at_work.finished else 0.0
    count = f" {words.step_count(process, at_work)}" if at_work.total else ""
    all_steps = words.steps_of(process) or steps
    return min((finished + within) / len(all_steps), 1.0), words.step_word(at_work.step) + count
