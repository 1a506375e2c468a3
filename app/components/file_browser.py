"""Folders and files, with the way back and a download for each file. The folder stands in the address (`?path=`)."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, file_words, inert
from app.services import catalog
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.catalog import Item
    from modules.environments import Environment
    from modules.snapshots.manifest import Manifest

_PAGE: Final = 50
_WIDTHS: Final = (4, 4.5, 1.3, 2, 2)


def file_browser() -> None:
    """Draw the folder that the address names."""
    path = st.query_params.get("path", "")
    environment = address.environment()
    home = address.settings().home
    try:
        listed = catalog.items(home, environment, path)
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
        st.page_link(address.FILES, label=_("All folders"), query_params=address.params())
        return
    around = catalog.manifest_of(home, environment, path)
    if path:
        _way_back(path, around)
    if not listed:
        _nothing(path)
        return
    number = address.page_number()
    item_table(listed[(number - 1) * _PAGE : number * _PAGE], environment, around)
    _turn_pages(path, number, len(listed))


def _way_back(path: str, around: Manifest | None) -> None:
    parts = PurePosixPath(path).parts
    with st.container(horizontal=True, key="breadcrumb", gap="xsmall", vertical_alignment="center"):
        st.page_link(
            address.FILES, label=_("All folders"), icon=":material/home_storage:", query_params=address.params()
        )
        for depth, part in enumerate(parts, 1):
            title = file_words.snapshot_title(around) if around is not None and depth == 3 else part
            st.text("▸")
            if depth == len(parts):
                st.text(inert.plain(title))
            else:
                link = address.params(path="/".join(parts[:depth]))
                st.page_link(address.FILES, label=inert.markdown(title), query_params=link)


def _nothing(path: str) -> None:
    if path:
        st.info(_("This folder is empty."), icon=":material/folder_off:")
        return
    st.info(
        _("There are no files yet. The first backup makes them: it takes about a minute."), icon=":material/folder_off:"
    )
    st.page_link(address.HOME, label=_("To the home page"), icon=":material/home:", query_params=address.params())


def item_table(items: Sequence[Item], environment: Environment, around: Manifest | None) -> None:
    """Draw a row for each entry: name, what is inside, size, date, download."""
    with st.container(key="table-files", gap=None):
        heads = (_("Name"), _("What is inside"), _("Size"), _("Date"), "")
        for column, head in zip(st.columns(_WIDTHS), heads, strict=True):
            column.caption(head)
        for item in items:
            _row(item, environment, around)


def _row(item: Item, environment: Environment, around: Manifest | None) -> None:
    name, inside, size, date, action = st.columns(_WIDTHS, vertical_alignment="center")
    entry = item.entry
    title = file_words.item_title(item)
    with name:
        if entry.is_folder:
            st.page_link(
                address.FILES,
                label=inert.markdown(title),
                icon=":material/inventory_2:" if item.manifest else ":material/folder:",
                query_params=address.params(path=entry.path),
            )
        else:
            st.text(inert.plain(title))
    inside.text(inert.plain(file_words.contents(item, around)))
    size.text(file_size(item.bytes) if item.bytes else "")
    date.text(recent(item.manifest.started_at if item.manifest else entry.modified))
    if not entry.is_folder:
        with action:
            download_link(environment, entry.path)


def download_link(environment: Environment, path: str, label: str | None = None) -> None:
    """Draw a link that downloads a file through the web server."""
    st.link_button(
        inert.markdown(label) if label else _("Save file"),
        catalog.download_address(environment, path),
        icon=":material/download:",
        type="tertiary",
        key=f"download-{path}",
    )


def _turn_pages(path: str, number: int, count: int) -> None:
    last = (count + _PAGE - 1) // _PAGE
    if last == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if number > 1:
            link = address.params(path=path or None, page=number - 1)
            st.page_link(address.FILES, label=_("Previous"), icon=":material/chevron_left:", query_params=link)
        st.text(_("Page {number} of {last}", number=number, last=last))
        if number < last:
            link = address.params(path=path or None, page=number + 1)
            st.page_link(
                address.FILES,
                label=_("Next"),
                icon=":material/chevron_right:",
                icon_position="right",
                query_params=link,
            )
