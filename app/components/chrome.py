"""What every page has around it: the gate and the way to the other pages, the title, environment and language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, words
from app.services.passwords import read_note
from modules.environments import Environment
from modules.i18n import LANGUAGES
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME: Final = "Tranquera"
_HERE: Final = Path(__file__).parent
LOGO: Final = str(_HERE / "tranquera.svg")
_WORDMARK: Final = str(_HERE / "tranquera-wordmark.svg")
_STYLE: Final = _HERE / "style.css"
_ENVIRONMENT_KEY: Final = "chrome-environment"
_LANGUAGE_KEY: Final = "chrome-language"


def frame(pages: Sequence[st.Page]) -> None:
    """Draw the way to the other pages; the links keep environment and language."""
    st.html(_STYLE)
    st.logo(_WORDMARK, size="large", icon_image=LOGO)
    with st.sidebar:
        for page in pages:
            st.page_link(page, query_params=address.params(), width="stretch")


def header(title: str) -> None:
    """Name the browser's tab, and draw a page's title with the two switches, on a band in the environment's colour."""
    st.set_page_config(page_title=f"{title} · {_NAME}")
    environment = address.environment()
    st.session_state[_ENVIRONMENT_KEY] = environment
    st.session_state[_LANGUAGE_KEY] = address.language()
    with st.container(
        key=f"band-{environment}",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center", key="chrome-switches"):
            st.segmented_control(
                _("Environment"),
                list(Environment),
                format_func=words.environment_word,
                key=_ENVIRONMENT_KEY,
                required=True,
                on_change=_switch_environment,
                label_visibility="collapsed",
                help=_("Where runs write: the test folders, or the company's own."),
            )
            st.segmented_control(
                _("Language"),
                LANGUAGES,
                format_func=str.upper,
                key=_LANGUAGE_KEY,
                required=True,
                on_change=_switch_language,
                label_visibility="collapsed",
            )
    note = read_note(address.settings().home)
    if note is not None and note.known:
        st.warning(
            _(
                "The database still has the password that everybody knows. Whoever looks after this installation "
                "should set another: PREFECT_POSTGRES_PASSWORD, as docs/deploy.md says."
            ),
            icon=":material/key:",
        )


def _switch_environment() -> None:
    # A run, a folder and a grid belong to one environment: the other one starts from its own list.
    others = dict.fromkeys(
        ("run", "path", "page", "find", "grid", "res", "farm", "crop", "folder", "switch", "snap", "vs", "sel", "at")
    )
    address.show(env=st.session_state[_ENVIRONMENT_KEY], **others)


def _switch_language() -> None:
    address.show(lang=st.session_state[_LANGUAGE_KEY])
