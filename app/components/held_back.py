"""A backup that was held back: why, and what to do with it. Nothing is published without a person who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, inert, questions, words
from app.services import decisions
from modules.errors import TranqueraError
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.run import Run
    from modules.environments import Environment
    from modules.snapshots.store import Snapshot


def held_back(run: Run, environment: Environment, why: str) -> Snapshot | None:
    """Draw the explanation and, while nobody has decided yet, the two buttons; give the snapshot that waits."""
    st.warning(inert.markdown(why), icon=":material/front_hand:")
    waiting = decisions.waiting(address.settings().home, environment, run.id)
    if waiting is None:
        st.info(_("Somebody has decided about this backup already."), icon=":material/how_to_reg:")
        return None
    with st.container(horizontal=True):
        if st.button(_("Accept it all the same"), icon=":material/done:", key="accept"):
            questions.ask(_("Accept this backup?"), _ask_to_accept, waiting, environment)
        if st.button(_("Discard it"), icon=":material/delete:", key="discard"):
            questions.ask(_("Discard this backup?"), _ask_to_discard, waiting, environment)
    return waiting


def _ask_to_accept(waiting: Snapshot, environment: Environment) -> None:
    newest = decisions.is_newest(address.settings().home, waiting)
    st.markdown(words.acceptance_sentence(environment, newest=newest, whole=waiting.scope.whole))
    typed = None
    if waiting.manifest.empty:
        season = waiting.manifest.season
        st.markdown(_("It holds no field at all. To accept it, type its season: **{season}**", season=season))
        typed = st.text_input(_("Season"), key="accept-season").strip()
    ready = typed is None or typed == waiting.manifest.season
    with st.container(key="danger-accept"):
        if st.button(_("Accept"), disabled=not ready, width="stretch", key="accept-yes"):
            home = address.settings().home
            _decide(lambda: decisions.accept(home, environment, waiting.id, typed_season=typed))


def _ask_to_discard(waiting: Snapshot, environment: Environment) -> None:
    st.markdown(_("Its files are deleted. The last backup stays as it is."))
    with st.container(key="danger-discard"):
        if st.button(_("Discard"), width="stretch", key="discard-yes"):
            _decide(lambda: decisions.reject(address.settings().home, environment, waiting.id))


def _decide(decision: Callable[[], None]) -> None:
    try:
        decision()
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
    else:
        questions.close()
