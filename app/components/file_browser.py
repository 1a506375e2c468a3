"""Folders and files, with the way back and downloads: of one file, of some, of all in a folder.

The folder stands in the address (`?path=`), and so does what is looked for in a long one (`?find=`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, file_words, inert
from app.components.faults import told
from app.services import bundles, catalog, previews
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import file_size, recent
from modules.i18n.formats import number as format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.catalog import Item
    from modules.environments import Environment
    from modules.snapshots.manifest import Manifest

_PAGE: Final = 50
#: More entries than this are found by looking for them.
_LONG: Final = 15
_CHOSEN: Final = "files-chosen"
_FIND: Final = "files-find"
_WIDTHS: Final = (4, 4.5, 1.3, 2, 2)
#: Where files can be looked at, too.
_WIDTHS_OF_KMZ: Final = (3.4, 3.9, 1.2, 1.9, 3.6)


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
    if len(listed) > _LONG:
        _search_box()
    found = [item for item in listed if file_words.matches(item, st.query_params.get("find", ""))]
    choice = Choice(f"{environment}/{path}")
    if path and len(bundles.files_of(listed)) > 1:
        _downloads(path, environment, listed, found, choice)
    if not found:
        st.info(_("Nothing here is called like that."), icon=":material/search_off:")
        return
    pages = (len(found) + _PAGE - 1) // _PAGE
    number = min(address.page_number(), pages)
    item_table(found[(number - 1) * _PAGE : number * _PAGE], environment, around, choice if path else None)
    _turn_pages(path, number, pages)


@dataclass(frozen=True, slots=True)
class Choice:
    """The files of a folder that somebody has ticked, by their marks: they stay so while pages are turned."""

    folder: str

    @property
    def marks(self) -> set[str]:
        """Those ticked so far."""
        chosen: dict[str, set[str]] = st.session_state.setdefault(_CHOSEN, {})
        return chosen.setdefault(self.folder, set())

    def tick(self, name: str) -> None:
        """Draw the box of a file."""
        mark = bundles.mark_of(name)
        key = f"choose-{self.folder}-{mark}"
        st.session_state[key] = mark in self.marks
        st.checkbox(
            inert.markdown(_("Choose {file}", file=name)),
            key=key,
            label_visibility="collapsed",
            on_change=self._changed,
            args=(key, mark),
        )

    def _changed(self, key: str, mark: str) -> None:
        (self.marks.add if st.session_state[key] else self.marks.discard)(mark)


def _search_box() -> None:
    st.session_state[_FIND] = st.query_params.get("find", "")
    st.text_input(
        _("Look for"),
        key=_FIND,
        placeholder=_("Look for a farm, a field, a crop …"),
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_look,
    )


def _look() -> None:
    address.show(find=st.session_state[_FIND].strip() or None, page=None)


def _downloads(
    path: str, environment: Environment, listed: Sequence[Item], found: Sequence[Item], choice: Choice
) -> None:
    """Draw what can be downloaded at once: the whole folder, what is ticked."""
    files, name = bundles.files_of(listed), PurePosixPath(path).name
    chosen = [item for item in files if bundles.mark_of(item.entry.name) in choice.marks]
    choice.marks.intersection_update(bundles.mark_of(item.entry.name) for item in chosen)
    with told(), st.container(horizontal=True, vertical_alignment="center", key="downloads"):
        if chosen:
            st.text(f"{_count(chosen)} · {file_size(_bytes(chosen))}", width="content")
            _zip_link(_("Download the chosen"), environment, path, name, chosen, "zip-chosen", some=True)
            st.button(
                _("Clear the choice"),
                on_click=choice.marks.clear,
                type="tertiary",
                key="choose-none",
                icon=":material/deselect:",
            )
        else:
            st.text(f"{_count(files)} · {file_size(_bytes(files))}", width="content")
            _zip_link(_("Download all"), environment, path, name, files, "zip-all", some=False)
        marks = {bundles.mark_of(item.entry.name) for item in bundles.files_of(found)}
        if len(found) < len(listed) and not marks <= choice.marks:
            label = _("Choose the {count} found", count=format_number(len(marks)))
            # Not in a callback: that would be given what was found before the last change, if the click comes quickly.
            if st.button(label, type="tertiary", key="choose-found", icon=":material/select_all:"):
                choice.marks.update(marks)
                st.rerun()


def _zip_link(
    label: str, environment: Environment, path: str, name: str, items: Sequence[Item], key: str, *, some: bool
) -> None:
    bundles.require_measure(name, items, chosen=some)
    marks = {bundles.mark_of(item.entry.name) for item in items} if some else None
    st.link_button(
        label,
        bundles.bundle_address(environment, path, marks),
        icon=":material/folder_zip:",
        type="primary" if some else "secondary",
        key=key,
        help=_("One zip with these files; folders inside this folder are not part of it."),
    )


def _count(items: Sequence[Item]) -> str:
    return ngettext("{n} file", "{n} files", len(items), n=format_number(len(items)))


def _bytes(items: Sequence[Item]) -> int:
    return sum(item.entry.bytes for item in items)


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


def item_table(
    items: Sequence[Item], environment: Environment, around: Manifest | None, choice: Choice | None = None
) -> None:
    """Draw a row for each entry: name, what is inside, size, date, download; with `choice`, a box to tick files."""
    widths = _WIDTHS_OF_KMZ if any(map(_can_preview, items)) else _WIDTHS
    with st.container(key="table-files", gap=None):
        heads = (_("Name"), _("What is inside"), _("Size"), _("Date"), "")
        for column, head in zip(st.columns(widths), heads, strict=True):
            column.caption(head)
        for item in items:
            _row(item, environment, around, choice, widths)


def _row(
    item: Item, environment: Environment, around: Manifest | None, choice: Choice | None, widths: Sequence[float]
) -> None:
    name, inside, size, date, action = st.columns(widths, vertical_alignment="center")
    entry = item.entry
    title = file_words.item_title(item)
    with name, st.container(horizontal=True, gap="small", vertical_alignment="center", wrap=False):
        if choice is not None and bundles.files_of([item]):
            choice.tick(entry.name)
        if entry.is_folder:
            st.page_link(
                address.FILES,
                label=inert.markdown(title),
                icon=":material/inventory_2:" if item.manifest else ":material/folder:",
                query_params=address.params(path=entry.path),
            )
        else:
            st.text(inert.plain(title), width="stretch")
    inside.text(inert.plain(file_words.contents(item, around)))
    size.text(file_size(item.bytes) if item.bytes else "")
    date.text(recent(file_words.item_date(item)))
    if not entry.is_folder:
        key = f"actions-{entry.path}"
        with action, st.container(horizontal=True, gap="small", vertical_alignment="center", key=key):
            if _can_preview(item):
                _preview_link(entry.path)
            download_link(environment, entry.path)


def _can_preview(item: Item) -> bool:
    return not item.entry.is_folder and previews.can_preview(item.entry.name)


def _preview_link(path: str) -> None:
    st.page_link(
        address.PREVIEW,
        label=_("Preview"),
        icon=":material/visibility:",
        query_params=address.params(path=path),
        help=_("What the file shows, before it is sent"),
    )


def download_link(environment: Environment, path: str, label: str | None = None) -> None:
    """Draw a link that downloads a file through the web server."""
    st.link_button(
        inert.markdown(label) if label else _("Save file"),
        catalog.download_address(environment, path),
        icon=":material/download:",
        type="tertiary",
        key=f"download-{path}",
    )


def _turn_pages(path: str, number: int, last: int) -> None:
    if last == 1:
        return
    find = st.query_params.get("find")
    with st.container(horizontal=True, vertical_alignment="center"):
        if number > 1:
            link = address.params(path=path or None, page=number - 1, find=find)
            st.page_link(address.FILES, label=_("Previous"), icon=":material/chevron_left:", query_params=link)
        st.text(_("Page {number} of {last}", number=number, last=last))
        if number < last:
            link = address.params(path=path or None, page=number + 1, find=find)
            st.page_link(
                address.FILES,
                label=_("Next"),
                icon=":material/chevron_right:",
                icon_position="right",
                query_params=link,
            )
