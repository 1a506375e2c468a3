"""A small table of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import inert

if TYPE_CHECKING:
    from collections.abc import Sequence


def plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw rows of text under their heads; what texts say is shown as it is."""
    drawn = [dict(zip(heads, map(inert.markdown, row), strict=True)) for row in rows]
    st.table(drawn, border="horizontal", hide_index=True)
