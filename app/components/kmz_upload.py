"""A box to drop a KMZ or KML into, in the reader's language, that takes one file after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import inert
from modules.errors import TranqueraError
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.previews import Previews

_REFUSED: Final = "refused"
_SERIAL: Final = "serial"
#: Streamlit has no words for this button but its own.
_BUTTON: Final = (
    "<style>.st-key-{key} section button [data-testid=stMarkdownContainer]::after {{ content: {words}; }}</style>"
)


def kmz_upload(kept: Previews, label: str, opened: Callable[[str], None], *, key: str) -> None:
    """Draw the box. What is dropped is read and kept, and `opened` is called with its token before the page runs.

    key: of the box; what was refused is told by `refusal` of the same key
    """
    # A new key empties the box, or the file would be read again on each run.
    box = f"{key}-{st.session_state.get(f'{key}-{_SERIAL}', 0)}"
    # Any file is taken: Streamlit would refuse others in English, and we do in a sentence.
    with st.container(key=f"{key}-drop"):
        words = json.dumps(_("Choose a file"), ensure_ascii=False)
        st.html(_BUTTON.format(key=f"{key}-drop", words=words))
        st.file_uploader(label, key=box, on_change=_take, args=(kept, opened, key, box))


def refusal(key: str) -> None:
    """Tell, once, why the last file was not taken; nothing when it was."""
    refused = st.session_state.pop(f"{key}-{_REFUSED}", None)
    if refused is not None:
        st.error(inert.markdown(refused.sentence()), icon=":material/error:")


def keeping(limit_mb: int) -> None:
    """Say what becomes of a file that is dropped."""
    st.caption(
        _(
            "Up to {limit} MB. The file is only looked at: it stays on this machine, no link in it is opened, and "
            "it is gone in a day.",
            limit=limit_mb,
        )
    )


def _take(kept: Previews, opened: Callable[[str], None], key: str, box: str) -> None:
    file = st.session_state.get(box)
    if file is None:
        return
    serial = f"{key}-{_SERIAL}"
    st.session_state[serial] = st.session_state.get(serial, 0) + 1
    try:
        token = kept.open_upload(file.name, file.getvalue())
    except TranqueraError as error:
        st.session_state[f"{key}-{_REFUSED}"] = error
        return
    opened(token)
