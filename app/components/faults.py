"""What went wrong, as a sentence: an expected error says what to do, an unexpected one gives a number to quote."""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, inert
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n import use_language

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger("tranquera.dashboard")


@contextmanager
def told() -> Iterator[None]:
    """Show an expected error of the block as its sentence, and go on after the block."""
    try:
        yield
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")


def report_fault(error: Exception) -> bool:
    """Handle an error that no page expected: the traceback goes to the server's log, the reader gets its number."""
    reference = secrets.token_hex(3)
    _log.error("Fault %s", reference, exc_info=error)
    with use_language(address.language()):
        st.error(
            _(
                "Something unexpected happened and this part of the page could not be shown. Nothing was changed. "
                "Reload the page; if it happens again, report number {reference}.",
                reference=reference,
            ),
            icon=":material/error:",
        )
    return True
