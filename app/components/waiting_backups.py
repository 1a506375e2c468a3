"""Backups that wait for a decision: until somebody opens their run, the last backup grows old unseen."""

from __future__ import annotations

import streamlit as st

from app.components import address, inert, words
from app.services import decisions
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import recent

#: More than these are told by their number alone.
_NAMED = 3


def waiting_backups() -> None:
    """Draw a band for each environment with backups that were held back, and a link to the run of each."""
    for environment in (Environment.PRODUCTION, Environment.TEST):
        held = decisions.all_waiting(address.settings().home, environment)
        if not held:
            continue
        sentence = ngettext(
            "A backup of {environment} waits for a decision; until then the last one stays the current one.",
            "{count} backups of {environment} wait for a decision; until then the last one stays the current one.",
            len(held),
            count=len(held),
            environment=words.environment_word(environment),
        )
        with st.container(key=f"waiting-{environment}", gap=None):
            st.warning(inert.markdown(sentence), icon=":material/front_hand:")
            for snapshot in held[:_NAMED]:
                manifest = snapshot.manifest
                label = _("{when} · season {season}", when=recent(manifest.started_at), season=manifest.season)
                link = address.params(env=environment, run=manifest.run_id)
                st.page_link(address.RUNS, label=label, icon=":material/chevron_right:", query_params=link)
