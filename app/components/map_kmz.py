"""Files laid over the map: a KMZ of ours by its path, or one that somebody drops, by its token.

They stand in the address, `kmz` as often as there are some, the last one on top; so a link shows the same to a
colleague, an upload for as long as it is kept. What was switched on and off in the preview follows behind a bar.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import starmap
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, inert, questions
from app.components.kmz_layer import kmz_layer
from app.components.kmz_upload import keeping, kmz_upload, refusal
from app.services import catalog, previews
from modules.errors import RequestError, TranqueraError
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.kmz_preview.tree import read_switches, shown_folders
from modules.kmz_products.index import LINKS
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.components.field_map import Layer
    from modules.kmz_preview.preview import Preview

#: More files than these at a time are more than anybody sees through.
MOST: Final = 5
_NAME: Final = "kmz"
#: No name of a file on Windows has it.
_BAR: Final = "|"
_KEY: Final = "map-kmz"
_TAKEN: Final = "map-kmz-taken"
_KNOWN: Final = "map-kmz-known"
#: So long all of them together are waited for before the map is drawn without those that are still read.
_PATIENCE_S: Final = 0.7
#: A list of thousands would take seconds and half a megabyte.
_MOST_LISTED: Final = 200
_FOLDERS: Final = (
    Folder.KMZ_BY_FARM,
    Folder.KMZ_BY_CROP_AND_FARM,
    Folder.KMZ_BY_CROP,
    Folder.KMZ_BY_FIELD,
    Folder.CROPS,
)


@dataclass(frozen=True, slots=True)
class Laid:
    """A file over the map. token: of its preview; switches: as in the preview; name: of the file."""

    token: str
    switches: str
    name: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class Above:
    """What lies over the map, the last one first: it is on top. coming: ids of layers whose files are still read."""

    layers: tuple[Layer, ...]
    coming: tuple[str, ...]


def above() -> Above:
    """Give what the address lays over the map; what cannot be shown is told, with a way to take it off.

    A file that is still being read comes with another run of the page: the map does not wait for it.
    """
    known: dict[str, Laid] = st.session_state.setdefault(_KNOWN, {})
    found: dict[str, Laid] = {}
    reading: list[Future[Preview]] = []
    coming: list[str] = []
    patience = time.monotonic() + _PATIENCE_S
    for written, switches in _written().items():
        try:
            asked = _asked(written, switches, known.get(written), max(patience - time.monotonic(), 0))
        except TranqueraError as error:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.warning(inert.markdown(error.sentence()), icon=":material/layers_clear:")
                _remove_button(written, _("Leave it out"), "out")
            continue
        if isinstance(asked, Laid):
            found[written] = asked
        else:
            reading.append(asked)
            coming.append(_layer_id(written))
    # What was read once is not asked for again: together the files may be more than the memory for previews holds.
    st.session_state[_KNOWN] = found
    if reading:
        st.fragment(run_every=questions.pace(1))(address.speaking(_coming))(reading)
    return Above(tuple(each.layer for each in reversed(found.values())), tuple(coming))


def still_coming(layer_id: str) -> bool:
    """Tell whether a layer is that of a file which the address names and which is not read yet."""
    known: Mapping[str, Laid] = st.session_state.get(_KNOWN, {})
    return layer_id in {_layer_id(written) for written in _written() if written not in known}


def _asked(written: str, switches: str, known: Laid | None, patience_s: float) -> Laid | Future[Preview]:
    """Give a file, or what is still read of it. Raises TranqueraError for one that cannot be shown."""
    kept = previews.shared(address.settings())
    token = written if _is_upload(written) else kept.open_product(address.environment(), written)
    if known is not None and (known.token, known.switches) == (token, switches):
        kept.require(token)
        return known
    reading = kept.ask(token)
    wait([reading], timeout=patience_s)
    return _laid(written, switches, token, reading.result()) if reading.done() else reading


def _laid(written: str, switches: str, token: str, preview: Preview) -> Laid:
    if preview.facts.bounds is None:
        raise RequestError(N_("“{name}” has nothing that a map could draw."), name=preview.file)
    layer = kmz_layer(preview, token, _folders(preview, switches), layer_id=_layer_id(written))
    return Laid(token, switches, preview.file, replace(layer, bounds=preview.facts.bounds))


def _layer_id(written: str) -> str:
    """Name the layer of a file: the same for the same file, also after it was made again."""
    return f"{_NAME}-{blake2b(written.encode(), digest_size=6).hexdigest()}"


def _coming(reading: Sequence[Future[Preview]]) -> None:
    """Say that files are still read, and draw the page anew when one of them is there."""
    if any(each.done() for each in reading):
        st.rerun()
    st.caption(_("Reading the file …"))


def _folders(preview: Preview, written: str) -> frozenset[int]:
    """Tell the folders that are drawn: those switched on, or all of a file that by itself would show nothing."""
    switches = read_switches(written, preview.tree)
    shown = shown_folders(preview.tree, switches)
    filled = {*preview.layer.table["folder"].to_pylist(), *(each.folder for each in preview.overlays)}
    return shown if switches or filled & shown else frozenset(range(len(preview.tree)))


def over_the_map(what: str, switches: str) -> str:
    """Write a file as the address of the map names it. what: its path, or its token."""
    return f"{what}{_BAR}{switches}" if switches else what


def kmz_button() -> None:
    """Draw the button that opens the dialog to lay files over the map and to take them off."""
    count = len(st.session_state.get(_KNOWN, ()))
    label = _("KMZ ({count})", count=count) if count else _("KMZ")
    about = _("Lay a KMZ or KML over the map")
    if st.button(label, icon=":material/layers:", key=_KEY, help=about):
        questions.ask(about, kmz_panel)


def kmz_panel() -> None:
    """Draw the dialog."""
    if st.session_state.pop(_TAKEN, False):
        questions.close()
    known: Mapping[str, Laid] = st.session_state.get(_KNOWN, {})
    for written in _written():
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(known[written].name if written in known else _name(written))
            _remove_button(written, _("Take off the map"), "off")
    if len(_written()) >= MOST:
        st.info(_("More than {count} files at a time are not shown. Take one off first.", count=MOST))
        return
    _product()
    refusal(_KEY)
    kept = previews.shared(address.settings())
    kmz_upload(kept, _("Or drag a KMZ or KML here"), _lay_upload, key=_KEY)
    keeping(st.get_option("server.maxUploadSize"))


def _product() -> None:
    """Ask for a folder and one of its files."""
    home, environment = address.settings().home, address.environment()
    root = {entry.entry.name for entry in catalog.items(home, environment)}
    folders = [folder.value for folder in _FOLDERS if folder in root]
    if not folders:
        st.caption(_("There are no KMZ here yet: generate them on the home page."))
        return
    folder = st.selectbox(_("Folder"), folders, key=f"{_KEY}-folder")
    listed = (item.entry.name for item in catalog.items(home, environment, folder))
    names = [name for name in listed if previews.can_preview(name) and name != LINKS]
    if len(names) > _MOST_LISTED:
        asked = st.text_input(_("Part of its name"), key=f"{_KEY}-find").casefold()
        names = [name for name in names if asked in name.casefold()]
        if len(names) > _MOST_LISTED:
            st.caption(_("The first {shown} of {count} files are listed.", shown=_MOST_LISTED, count=len(names)))
        names = names[:_MOST_LISTED]
    name = st.selectbox(
        _("File"), names, index=None, placeholder=_("Choose a file"), format_func=inert.plain, key=f"{_KEY}-file"
    )
    if st.button(_("Lay it over the map"), type="primary", disabled=name is None, key=f"{_KEY}-lay"):
        _lay(f"{folder}/{name}")
        questions.close()


def _name(written: str) -> str:
    """Name a file that is not read: the token of an upload tells people nothing."""
    return _("Uploaded file") if _is_upload(written) else PurePosixPath(written).name


def _remove_button(written: str, label: str, where: str) -> None:
    """Draw a button that takes a file off the map. where: it may stand in the page and in the dialog at a time."""
    if st.button(label, icon=":material/close:", type="tertiary", key=f"{_KEY}-{where}-{written}"):
        _show({each: switches for each, switches in _written().items() if each != written})
        questions.close()


def _lay_upload(token: str) -> None:
    _lay(token)
    st.session_state[_TAKEN] = True


def _lay(written: str) -> None:
    _show({each: switches for each, switches in _written().items() if each != written} | {written: ""})


def _show(files: Mapping[str, str]) -> None:
    address.show(kmz=list(starmap(over_the_map, files.items())) or None)


def _written() -> dict[str, str]:
    """Give the files that the address names, each with its switches."""
    named = (each.partition(_BAR) for each in st.query_params.get_all(_NAME))
    return dict([(what, switches) for what, _bar, switches in named][-MOST:])


def _is_upload(written: str) -> bool:
    return not previews.can_preview(written)
