"""Buttons to turn the pages of a long list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable


def pager(page: int, last: int, *, key: str, go: Callable[..., None], args: tuple[Any, ...] = ()) -> None:
    """Draw both buttons and which page of 1 … `last` this is; `go(*args, page)` is called before the next run."""
    for label, icon, to, name in (
        (_("Previous"), ":material/chevron_left:", page - 1, "before"),
        (_("Next"), ":material/chevron_right:", page + 1, "after"),
    ):
        st.button(
            label,
            icon=icon,
            type="tertiary",
            disabled=not 1 <= to <= last,
            key=f"{key}-{name}",
            on_click=go,
            args=(*args, to),
        )
    st.text(_("Page {number} of {last}", number=page, last=last), width="content")
