"""Questions: dialogs that stay alive while the page beneath them draws itself again.

A dialog opened inside a fragment that reruns by itself is lost at the fragment's next turn: it still stands there, and
none of its buttons does anything. So a button only notes the question, and the page opens it outside of all fragments,
again at every rerun until it is answered or dismissed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import streamlit as st

from app.components import address

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKED: Final = "question-asked"


@dataclass(frozen=True, slots=True)
class _Question:
    title: str
    draw: Callable[..., None]
    values: tuple[Any, ...]
    width: Literal["small", "medium"]
    #: The page that asks it; on another one nobody wants to know.
    where: tuple[str, str | None]


def ask(title: str, draw: Callable[..., None], *values: Any, width: Literal["small", "medium"] = "small") -> None:
    """Open a dialog that `draw` fills, called with `values`; only one is open at a time. Draws the page again."""
    st.session_state[_ASKED] = _Question(title, draw, values, width, _here())
    st.rerun()


def close() -> None:
    """Close the dialog and draw the page again."""
    forget()
    st.rerun()


def forget() -> None:
    """Make sure that the dialog does not open again; to be called before another page is shown."""
    st.session_state.pop(_ASKED, None)


def pace(seconds: int) -> int | None:
    """Tell how often a part of the page shall draw itself again: not at all while a question is open.

    Nobody looks beneath it, and a redraw that comes at the very moment of an answer could take the place of the page
    that the answer leads to.
    """
    question: _Question | None = st.session_state.get(_ASKED)
    return None if question is not None and question.where == _here() else seconds


def open_asked() -> None:
    """Open the dialog that was asked for. For the page itself, at its end, outside of any fragment."""
    question: _Question | None = st.session_state.get(_ASKED)
    if question is None:
        return
    if question.where != _here():
        forget()
        return
    dialog = st.dialog(question.title, width=question.width, on_dismiss=forget)
    dialog(address.speaking(question.draw))(*question.values)


def _here() -> tuple[str, str | None]:
    return urlsplit(st.context.url or "").path, st.query_params.get("run")
