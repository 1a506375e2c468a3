"""The folders of a KMZ with a box each: few widgets, however many folders and placemarks there are.

Folders can be closed, and long lists of them are turned page by page; placemarks are counted, and stand in the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert
from app.components.pager import pager
from modules.i18n import gettext as _
from modules.kmz_preview.tree import (
    first_expanded,
    is_on,
    read_switches,
    seen_rows,
    shown_folders,
    switched,
    write_switches,
)
from modules.kmz_preview.words import folder_counts, folder_title

if TYPE_CHECKING:
    from modules.kmz_preview.preview import Preview
    from modules.kmz_preview.tree import TreeFolder

#: Rows of a page.
ROWS: Final = 25
_EXPANDED: Final = "kmz-preview-expanded"
_PAGE: Final = "kmz-preview-rows"
_SIGNS: Final = re.compile(r"[^\w\s-]")
#: A step inwards for each level, no more than these: deeper folders stand below one another.
_STEP_PX: Final = 20
_DEEPEST: Final = 6


def folder_tree(preview: Preview, token: str) -> frozenset[int]:
    """Draw the tree, and give the numbers of the folders that are switched on."""
    tree = preview.tree
    shown = shown_folders(tree, read_switches(st.query_params.get("switch", ""), tree))
    expanded = _expanded(preview, token)
    rows = seen_rows(tree, expanded)
    last = (len(rows) - 1) // ROWS + 1
    page = min(st.session_state.get(f"{_PAGE}-{token}", 1), last)
    with st.container(key="kmz-tree", gap=None):
        for folder in rows[(page - 1) * ROWS : page * ROWS]:
            _row(preview, folder, token, shown, is_expanded=folder.number in expanded)
    if last > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            pager(page, last, key="kmz-rows", go=_go, args=(token,))
    return shown


def chosen_folder(preview: Preview) -> TreeFolder:
    """Give the folder whose contents are listed."""
    written = st.query_params.get("folder", "")
    known = written.isascii() and written.isdecimal() and len(written) < 7 and int(written) < len(preview.tree)
    return preview.tree[int(written) if known else 0]


def _row(preview: Preview, folder: TreeFolder, token: str, shown: frozenset[int], *, is_expanded: bool) -> None:
    title = folder_title(preview, folder)
    key = f"kmz-folder-{token}-{folder.number}"
    st.session_state[key] = is_on(folder, shown)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
        if folder.depth:
            st.space(min(folder.depth, _DEEPEST) * _STEP_PX)
        _opener(folder, title, token, is_expanded=is_expanded)
        st.checkbox(
            _("Draw {folder}", folder=_read_out(title)),
            key=key,
            label_visibility="collapsed",
            on_change=_switch,
            args=(preview, folder, key),
        )
        st.button(
            inert.markdown(title),
            key=f"kmz-list-{token}-{folder.number}",
            type="tertiary",
            wrap=True,
            help=inert.markdown(folder.description[:500]) or None,
            on_click=_choose,
            args=(folder.number,),
        )
        st.caption(folder_counts(folder), width="content")


def _read_out(title: str) -> str:
    """Make a title fit for a hidden label, which is read out as it stands: signs are left out, not escaped."""
    return " ".join(_SIGNS.sub(" ", title).split())


def _opener(folder: TreeFolder, title: str, token: str, *, is_expanded: bool) -> None:
    """Draw the arrow of a folder that holds others; of one that does not, its room."""
    if not folder.number:
        return
    if folder.end == folder.number + 1:
        st.space(28)
        return
    words = _("Close {folder}", folder=title) if is_expanded else _("Open {folder}", folder=title)
    st.button(
        inert.markdown(words),
        key=f"kmz-open-{token}-{folder.number}",
        type="tertiary",
        icon=":material/expand_more:" if is_expanded else ":material/chevron_right:",
        on_click=_open_or_close,
        args=(token, folder.number),
    )


def _expanded(preview: Preview, token: str) -> set[int]:
    known: dict[str, set[int]] = st.session_state.setdefault(_EXPANDED, {})
    if token not in known:
        known.clear()
        known[token] = set(first_expanded(preview.tree, ROWS))
    return known[token]


def _open_or_close(token: str, number: int) -> None:
    st.session_state[_EXPANDED][token].symmetric_difference_update({number})


def _switch(preview: Preview, folder: TreeFolder, key: str) -> None:
    before = read_switches(st.query_params.get("switch", ""), preview.tree)
    address.show(switch=write_switches(switched(preview.tree, before, folder.number, on=st.session_state[key])))


def _choose(number: int) -> None:
    address.show(folder=str(number) if number else None, page=None)


def _go(token: str, page: int) -> None:
    st.session_state[f"{_PAGE}-{token}"] = page
