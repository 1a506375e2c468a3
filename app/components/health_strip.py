"""The strip of what is well and what is not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert, live, questions
from app.services.health import part_word
from app.services.run import Health
from modules.i18n import N_
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.components.words import Colour
    from app.services.health import PartHealth

_EVERY_S: Final = 5
_SIGNS: Final[Mapping[Health, tuple[str, Colour, str]]] = {
    Health.WELL: (":material/check:", "green", N_("well")),
    Health.WARNING: (":material/warning:", "orange", N_("attention")),
    Health.BAD: (":material/error:", "red", N_("not well")),
}


def health_strip() -> None:
    """Draw the strip; it keeps itself fresh and does not hold up the rest of the page."""
    st.fragment(run_every=questions.pace(_EVERY_S), parallel=True)(_health_strip)()


@address.speaking
def _health_strip() -> None:
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
    st.badge(inert.markdown(f"{part_word(part.part)}{figure}{state}"), icon=icon, color=colour)


def _advice(part: PartHealth) -> str:
    icon, colour, _word = _SIGNS[part.health]
    return f":{colour}[{icon}] {inert.markdown(part.advice.sentence() if part.advice else '')}"
