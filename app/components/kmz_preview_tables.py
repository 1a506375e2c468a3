"""What a folder of a KMZ holds, page by page: names and balloons as text; overlays and links of the whole file."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.components import address, inert
from app.components.pager import pager
from app.components.plain_table import plain_table
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number
from modules.kmz_preview.words import folder_path, folder_title, kind_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.kmz_preview.preview import Preview
    from modules.kmz_preview.tree import TreeFolder

_PAGE: Final = 25
#: Of a balloon, what a row can show.
_LETTERS: Final = 300
#: Overlays and links that are listed; a file cut into tiles has thousands.
_LISTED: Final = 100


def feature_table(preview: Preview, folder: TreeFolder) -> None:
    """Draw the placemarks of a folder and of those below it."""
    title = folder_title(preview, folder)
    heading = _("Contents of {folder}", folder=title) if folder.number else _("Contents of the file")
    st.subheader(inert.markdown(heading), anchor=False)
    places = preview.features["folder"]
    inside = pc.and_(pc.greater_equal(places, folder.number), pc.less(places, folder.end))
    rows = preview.features.filter(inside)
    if not len(rows):
        st.text(_("There are no placemarks in this folder."))
        return
    last = (len(rows) - 1) // _PAGE + 1
    page = min(address.page_number(), last)
    heads = (_("Name"), _("Folder"), _("Kind"), _("Hectares"), _("Balloon"))
    plain_table(heads, list(_rows(preview, rows.slice((page - 1) * _PAGE, _PAGE))))
    _turn(page, last, len(rows))


def overlay_table(preview: Preview) -> None:
    """Draw the images on the ground."""
    heads = (_("Name"), _("Folder"), _("Image"))
    rows = []
    for each in islice(preview.overlays, _LISTED):
        image = _("not shown: {address}", address=each.href) if each.image is None else each.href
        rows.append((each.name, folder_path(preview, preview.tree[each.folder]), image))
    plain_table(heads, rows)
    _and_more(len(preview.overlays))


def link_table(preview: Preview) -> None:
    """Draw the links to other files, as text."""
    st.caption(_("These addresses stand in the file. They were not opened, and what they lead to is not known."))
    heads = (_("Name"), _("Folder"), _("Address"))
    links = islice(preview.links, _LISTED)
    plain_table(
        heads, [(each.name, folder_path(preview, preview.tree[each.folder]), each.href or "—") for each in links]
    )
    _and_more(len(preview.links))


def _rows(preview: Preview, rows: pa.Table) -> Iterator[tuple[str, str, str, str, str]]:
    for row in rows.to_pylist():
        text = " · ".join(line.replace("\t", " ") for line in row["balloon"].splitlines() if line)
        yield (
            row["name"] or "—",
            folder_path(preview, preview.tree[row["folder"]]),
            kind_word(row["kind"]),
            hectares(row["hectares"]) if row["hectares"] is not None else "",
            text if len(text) <= _LETTERS else text[:_LETTERS] + "…",
        )


def _and_more(count: int) -> None:
    if count > _LISTED:
        st.text(_("The first {shown} of {count}.", shown=number(_LISTED), count=number(count)))


def _turn(page: int, last: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(ngettext("{n} placemark", "{n} placemarks", count, n=number(count)), width="content")
        if last == 1:
            return
        pager(page, last, key="kmz-contents", go=_go)


def _go(page: int) -> None:
    address.show(page=str(page) if page > 1 else None)
