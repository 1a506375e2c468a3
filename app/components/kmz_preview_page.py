"""A KMZ or KML looked at: a product of ours by its path, or a file that somebody uploads.

The address says what is looked at: `path` of a product, or `preview`, the token of an upload; `folder` whose contents
are listed, `switch` what was switched on and off, `page` of the contents.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert
from app.components.faults import told
from app.components.file_browser import download_link
from app.components.kmz_preview_map import preview_map
from app.components.kmz_preview_tables import feature_table, link_table, overlay_table
from app.components.kmz_preview_tree import chosen_folder, folder_tree
from app.components.kmz_upload import keeping, kmz_upload, refusal
from app.components.map_kmz import over_the_map
from app.services import previews
from modules.i18n import gettext as _
from modules.i18n.notices import warning_sentences
from modules.kmz_preview.words import facts_line, place

if TYPE_CHECKING:
    from app.services.previews import Previews
    from modules.kmz_preview.preview import Preview

_UPLOAD: Final = "kmz-preview"
#: What belongs to one file and means nothing for another.
_OF_A_FILE: Final = ("path", "preview", "folder", "switch", "page", "at")


def kmz_preview() -> None:
    """Draw the file that the address names, and a way to upload one."""
    kept = previews.shared(address.settings())
    path, token = st.query_params.get("path"), st.query_params.get("preview")
    preview = None
    # Whatever is said above, the map below stays at its place and so stays as it is.
    with st.container(key="kmz-preview-head"):
        _way_back(path)
        refusal(_UPLOAD)
        if path or token:
            with told(), st.spinner(_("Reading the file …")):
                token = kept.open_product(address.environment(), path) if path else token
                preview = kept.find(token or "")
    if preview is None or token is None:
        _uploader(kept, opened=False)
        return
    _show(preview, token, path)
    _uploader(kept, opened=True)


def _way_back(path: str | None) -> None:
    folder = str(PurePosixPath(path).parent) if path else "."
    with st.container(horizontal=True, key="breadcrumb", gap="xsmall", vertical_alignment="center"):
        st.page_link(
            address.FILES, label=_("All folders"), icon=":material/home_storage:", query_params=address.params()
        )
        if folder != ".":
            st.text("▸")
            link = address.params(path=folder)
            st.page_link(address.FILES, label=inert.markdown(PurePosixPath(folder).name), query_params=link)


def _uploader(kept: Previews, *, opened: bool) -> None:
    """Draw where a file is dropped; below a file that is looked at, folded away."""
    label = _("Look at a KMZ or KML before it is sent: drag it here, or choose it")
    if opened:
        with st.expander(_("Look at another file"), icon=":material/upload_file:"):
            kmz_upload(kept, label, _look_at, key=_UPLOAD)
    else:
        kmz_upload(kept, label, _look_at, key=_UPLOAD)
        keeping(st.get_option("server.maxUploadSize"))


def _look_at(token: str) -> None:
    address.show(**dict.fromkeys(_OF_A_FILE))
    address.show(preview=token)


def _show(preview: Preview, token: str, path: str | None) -> None:
    with st.container(key="kmz-preview-facts"):
        _facts(preview, token, path)
    tree, drawing = st.columns((2, 3), gap="medium")
    with tree:
        shown = folder_tree(preview, token)
    with drawing:
        preview_map(preview, token, shown)
    feature_table(preview, chosen_folder(preview))
    if preview.overlays:
        st.subheader(_("Images on the ground"), anchor=False)
        overlay_table(preview)
    if preview.links:
        st.subheader(_("Links to other files"), anchor=False)
        link_table(preview)


def _facts(preview: Preview, token: str, path: str | None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(inert.markdown(preview.file), anchor=False)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if preview.facts.bounds is not None:
                st.page_link(
                    address.MAP,
                    label=_("Over the fields"),
                    icon=":material/layers:",
                    query_params=address.params(kmz=over_the_map(path or token, st.query_params.get("switch", ""))),
                )
            if path:
                download_link(address.environment(), path)
    if preview.name and preview.name != PurePosixPath(preview.file).stem:
        st.text(preview.name)
    st.text(facts_line(preview.facts))
    where = place(preview.facts)
    if where:
        st.caption(where)
    _warnings(preview)


def _warnings(preview: Preview) -> None:
    sentences = warning_sentences(preview.warnings)
    if not sentences:
        st.success(_("Nothing to object to in this file."), icon=":material/check_circle:")
        return
    st.warning("\n".join(f"- {inert.markdown(each)}" for each in sentences), icon=":material/warning:")
