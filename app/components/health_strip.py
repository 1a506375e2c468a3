"""The strip of what is well and what is not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert, live
from app.services.health import Part
from app.services.run import Health
from modules.i18n import N_
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.components.words import Colour
    from app.services.health import PartHealth

_NAMES: Final[Mapping[Part, str]] = {
    Part.PORTAL: N_("portal"),
    Part.SERVER: N_("server"),
    Part.WORKER: N_("worker"),
    Part.DISK: N_("disk"),
    Part.PRODUCTION: N_("production folders"),
}
_SIGNS: Final[Mapping[Health, tuple[str, Colour, str]]] = {
    Health.WELL: (":material/check:", "green", N_("well")),
    Health.WARNING: (":material/warning:", "orange", N_("attention")),
    Health.BAD: (":material/error:", "red", N_("not well")),
}


@st.fragment(run_every=10, parallel=True)
@address.speaking
def health_strip() -> None:
    """Draw the strip; it keeps itself fresh and does not hold up the rest of the page."""
    parts = live.parts_health()
    with st.container(horizontal=True, key="health-strip", gap="small"):
        for part in parts:
            _badge(part)
    advice = [_advice(part) for part in parts if part.advice is not None]
    if advice:
        with st.container(border=True, key="health-advice", gap="xsmall"):
            for sentence in advice:
                st.markdown(sentence)


def _badge(part: PartHealth) -> None:
    icon, colour, word = _SIGNS[part.health]
    figure = f" {part.figure}" if part.figure else ""
    state = "" if part.health is Health.WELL else f" · {_(word)}"
    st.badge(inert.markdown(f"{_(_NAMES[part.part])}{figure}{state}"), icon=icon, color=colour)


def _advice(part: PartHealth) -> str:
    icon, colour, _word = _SIGNS[part.health]
    sentence = part.advice.sentence() if part.advice else ""
    return f":{colour}[{icon}] **{inert.markdown(_(_NAMES[part.part]))}:** {inert.markdown(sentence)}"
