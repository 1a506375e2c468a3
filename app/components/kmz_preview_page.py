"""A KMZ or KML looked at: a product of ours by its path, or a file that somebody uploads.

The address says what is looked at: `path` of a product, or `preview`, the token of an upload; `folder` whose contents
are listed, `switch` what was switched on and off, `page` of the contents.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert
from app.components.faults import told
from app.components.file_browser import download_link
from app.components.kmz_preview_map import preview_map
from app.components.kmz_preview_tables import feature_table, link_table, overlay_table
from app.components.kmz_preview_tree import chosen_folder, folder_tree
from app.services import previews
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.notices import warning_sentences
from modules.kmz_preview.words import facts_line, place

if TYPE_CHECKING:
    from app.services.previews import Previews
    from modules.kmz_preview.preview import Preview

_UPLOAD: Final = "kmz-preview-upload"
_REFUSED: Final = "kmz-preview-refused"
_SERIAL: Final = "kmz-preview-serial"
#: Streamlit has no words for this button but its own.
_BUTTON: Final = (
    "<style>.st-key-kmz-drop section button [data-testid=stMarkdownContainer]::after {{ content: {words}; }}</style>"
)
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
        refused = st.session_state.pop(_REFUSED, None)
        if refused is not None:
            st.error(inert.markdown(refused.sentence()), icon=":material/error:")
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
            _dropped(kept, label)
    else:
        _dropped(kept, label)
        st.caption(
            _(
                "Up to {limit} MB. The file is only looked at: it stays on this machine, no link in it is opened, and "
                "it is gone in a day.",
                limit=st.get_option("server.maxUploadSize"),
            )
        )


def _dropped(kept: Previews, label: str) -> None:
    # A new key empties the box, or the file would be read again on each run.
    key = f"{_UPLOAD}-{st.session_state.get(_SERIAL, 0)}"
    # Any file is taken: Streamlit would refuse others in English, and we do in a sentence.
    with st.container(key="kmz-drop"):
        st.html(_BUTTON.format(words=json.dumps(_("Choose a file"), ensure_ascii=False)))
        st.file_uploader(label, key=key, on_change=_take, args=(kept, key))


def _take(kept: Previews, key: str) -> None:
    """Open what was dropped; what is refused is told where the page is drawn."""
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state[_SERIAL] = st.session_state.get(_SERIAL, 0) + 1
    try:
        token = kept.open_upload(file.name, file.getvalue())
    except TranqueraError as error:
        st.session_state[_REFUSED] = error
        return
    address.show(**dict.fromkeys(_OF_A_FILE))
    address.show(preview=token)


def _show(preview: Preview, token: str, path: str | None) -> None:
    with st.container(key="kmz-preview-facts"):
        _facts(preview, path)
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


def _facts(preview: Preview, path: str | None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(inert.markdown(preview.file), anchor=False)
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
