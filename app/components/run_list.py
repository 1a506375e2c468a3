"""Rows of runs, each a link to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, inert, words
from app.services import decisions
from app.services.run import RunState
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n.formats import duration, recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.run import Run

_WIDTHS = (2.4, 2, 2, 2, 2, 1.6)


def run_rows(runs: Sequence[Run]) -> None:
    """Draw a row a run: what, state, environment, who, start, duration."""
    held = _held_back(runs)
    with st.container(key="table-runs", gap=None):
        _heads()
        for run in runs:
            _row(run, held_back=run.id in held)


def _held_back(runs: Sequence[Run]) -> set[str]:
    """Tell whose backup waits for a decision: those did not fail in the way of others."""
    failed = {run.environment for run in runs if run.state is RunState.FAILED and run.environment}
    home = address.settings().home
    return {each.manifest.run_id for environment in failed for each in decisions.all_waiting(home, environment)}


def _heads() -> None:
    heads = (_("Run"), _("State"), _("Environment"), _("Started by"), _("Start"), _("Duration"))
    for column, head in zip(st.columns(_WIDTHS), heads, strict=True):
        column.caption(head)


def _row(run: Run, *, held_back: bool) -> None:
    what, state, environment, who, start, lasted = st.columns(_WIDTHS, vertical_alignment="center")
    with what:
        run_link(run, words.flow_word(run.flow))
    with state:
        state_badge(run, held_back=held_back)
    with environment:
        environment_badge(run.environment)
    who.text(inert.plain(words.who_word(run)))
    start.text(recent(run.started or run.created))
    lasted.text(duration(run.seconds) if run.started else "–")


def run_link(run: Run, label: str) -> None:
    """Draw a link to a run's page."""
    st.page_link(
        address.RUNS,
        label=inert.markdown(label),
        icon=":material/chevron_right:",
        query_params=address.params(env=run.environment, run=run.id),
    )


def state_badge(run: Run, *, held_back: bool = False) -> None:
    """Draw a run's state as an icon and a word."""
    sign = words.state_sign(run.state, held_back=held_back)
    st.badge(sign.word, icon=sign.icon, color=sign.colour)


def environment_badge(environment: Environment | None) -> None:
    """Draw an environment in its colour; nothing for flows that write nothing."""
    if environment is None:
        st.text("–")
    elif environment is Environment.PRODUCTION:
        st.badge(words.environment_word(environment).upper(), color="red")
    else:
        st.badge(words.environment_word(environment).upper(), color="blue")
