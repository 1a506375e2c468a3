"""What is looked at on the map. All of it stands in the address, so a link shows the same thing to a colleague.

`snap` (a backup; absent: the newest of all farms) · `vs` (another one to compare with) · `mode` (`swipe`, `blink`;
absent: differences) · `by` (the column that colours the fields) · `farm` · `crop` (each as often as chosen) · `kmz`
(files laid over it, see `map_kmz`) · `sel`
(chosen fields) · `base` (the basemap) · `layers` (their order, `-` before those that are hidden, behind each how opaque
it is in %) · `at` (the view, written by the map itself)
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st

from app.components import address, file_words, inert
from app.components.field_map import LayerState
from app.components.last_backups import nothing_yet
from app.services import maps
from app.services.maps import Filter
from modules.domain.columns import HECTARES, PERIMETER, REPAIRED
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.i18n.formats import clock, moment, recent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from modules.snapshots.store import Snapshot

_PREFIX: Final = "map-choice-"
_SELECTION: Final = "map-selection"
#: What stands in the list for no comparison.
_NONE: Final = ""
#: More chosen fields than this make an address that nobody can send.
_MOST_IN_ADDRESS: Final = 40
_LAYER: Final = re.compile(r"(-?)([\w:-]+)~(\d{1,3})")

Mode = Literal["differences", "swipe", "blink"]
MODES: Final[tuple[Mode, ...]] = ("differences", "swipe", "blink")
_MODE_WORDS: Final[Mapping[Mode, str]] = {
    "differences": N_("Differences"),
    "swipe": N_("Side by side"),
    "blink": N_("In turns"),
}
#: Names of the columns that colour fields; one that is not here keeps its own.
_COLUMN_WORDS: Final[Mapping[str, str]] = {
    "cultivo": N_("Crop"),
    "campo": N_("Farm"),
    "lote": N_("Field"),
    "campania": N_("Season"),
    HECTARES: N_("Hectares"),
    "superficie_ha": N_("Hectares of the portal"),
    PERIMETER: N_("Perimeter (m)"),
}
#: Columns that tell every field apart, or that no colour can tell.
_NO_COLOURS: Final = {"id", "lote", "campo_id", "actualizado", REPAIRED}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at.

    against: the backup that `snapshot` is compared with, and `mode`: how
    by:      the column that colours the fields
    """

    snapshot: Snapshot
    against: Snapshot | None
    mode: Mode
    by: str
    filter: Filter


def choose_snapshot(found: Sequence[Snapshot]) -> Snapshot:
    """Draw the choice of a backup and give the chosen one; says so when that of the address is gone."""
    by_id = {snapshot.id: snapshot for snapshot in found}
    wanted = st.query_params.get("snap", "")
    if wanted and wanted not in by_id:
        st.warning(_("The backup of this link is no longer there. The newest one is shown."), icon=":material/history:")
    newest = maps.newest_of(found) or found[0]
    chosen = _select(
        _("Which backup"), "snap", list(by_id), wanted if wanted in by_id else newest.id, _words_of(by_id), 250
    )
    if chosen != newest.id and newest.manifest.started_at > by_id[chosen].manifest.started_at:
        st.button(_("See the newest"), icon=":material/update:", type="tertiary", key="map-newest", on_click=_newest)
    return by_id[chosen]


def choose(snapshot: Snapshot, found: Sequence[Snapshot], fields: pa.Table) -> Choice:
    """Draw the other choices. fields: rows of the snapshot."""
    others = {each.id: each for each in maps.comparable(snapshot, found)}
    by = _colour_column(fields, is_used=not _is_of_differences(snapshot, others))
    chosen = Filter(_farms(fields), _crops(fields))
    against = _against(others)
    return Choice(snapshot, against, _mode(snapshot, against) if against else "differences", by, chosen)


def selection() -> list[str]:
    """Give the ids of the chosen fields."""
    written = [each for each in st.query_params.get("sel", "").split(",") if each]
    kept: list[str] = st.session_state.get(_SELECTION, [])
    return written or ([] if fits_in_address(kept) else kept)


def select(ids: Sequence[str]) -> None:
    """Choose fields by their ids; they stand in the address, unless they are too many for one."""
    st.session_state[_SELECTION] = list(ids)
    address.show(sel=",".join(ids) if ids and fits_in_address(ids) else None)


def fits_in_address(ids: Sequence[str]) -> bool:
    """Tell whether a link carries these chosen fields."""
    return len(ids) <= _MOST_IN_ADDRESS and not any("," in each for each in ids)


def layer_states() -> list[LayerState]:
    """Tell how the layers were left, in their order; none where nobody touched them."""
    found = [_LAYER.fullmatch(each) for each in st.query_params.get("layers", "").split(",")]
    return [LayerState(match[2], not match[1], min(int(match[3]), 100) / 100) for match in found if match]


def remember_layers(states: Sequence[LayerState]) -> None:
    """Write to the address how the layers were left."""
    words = (f"{'' if each.visible else '-'}{each.id}~{round(each.opacity * 100)}" for each in states)
    address.show(layers=",".join(words) or None)


def basemap(offered: Sequence[str]) -> str:
    """Tell which basemap was chosen; `none` unless somebody did."""
    written = st.query_params.get("base", "")
    return written if written in offered else "none"


def column_word(column: str) -> str:
    """Name a column of fields as people do."""
    return _(_COLUMN_WORDS[column]) if column in _COLUMN_WORDS else column


def snapshot_word(snapshot: Snapshot) -> str:
    """Name a backup: `25/26 · hoy 03:00 · 312 lotes · 25.412 ha`."""
    manifest = snapshot.manifest
    parts = (manifest.season, recent(manifest.started_at), file_words.fields_and_hectares(manifest))
    return inert.plain(" · ".join(parts))


def printed_title(choice: Choice, fields: pa.Table) -> str:
    """Name what the map shows for a page that is read on another day: moments as they are, sums of what is shown.

    fields: rows that the filter leaves
    """
    parts = [choice.snapshot.manifest.season, moment(choice.snapshot.manifest.started_at), file_words.sums_of(fields)]
    if choice.filter.farms:
        parts.append(", ".join(maps.farms(fields).get(farm) or farm for farm in choice.filter.farms))
    if choice.filter.crops:
        parts.append(", ".join(choice.filter.crops))
    if choice.against is not None:
        parts.append(_("compared with {when}", when=moment(choice.against.manifest.started_at)))
    return inert.plain(" · ".join(parts))


def _words_of(by_id: Mapping[str, Snapshot]) -> Callable[[str], str]:
    """Give the words of backups by their ids, no two alike: a choice comes back from the browser as its words."""
    words = {id_: snapshot_word(snapshot) for id_, snapshot in by_id.items()}
    for tell_apart in (_with_seconds, _with_number):
        several = Counter(words.values())
        words = {id_: word if several[word] == 1 else tell_apart(word, by_id[id_]) for id_, word in words.items()}
    return lambda each: words.get(each, _("Do not compare"))


def _with_seconds(word: str, snapshot: Snapshot) -> str:
    return f"{word} · {clock(snapshot.manifest.started_at, seconds=True)}"


def _with_number(word: str, snapshot: Snapshot) -> str:
    return f"{word} ({snapshot.manifest.sequence})"


def _is_of_differences(snapshot: Snapshot, others: Mapping[str, Snapshot]) -> bool:
    """Tell whether the address asks for differences, whose colours say what happened."""
    against = others.get(st.query_params.get("vs", ""))
    return against is not None and _asked_mode(_offered_modes(snapshot, against)) == "differences"


def _colour_column(fields: pa.Table, *, is_used: bool) -> str:
    offered = [name for name in (*_COLUMN_WORDS, *fields.column_names) if name in fields.column_names]
    offered = [name for name in dict.fromkeys(offered) if name not in _NO_COLOURS]
    wanted = st.query_params.get("by", "")
    chosen = wanted if wanted in offered else offered[0]
    about = None if is_used else _("Differences have colours of their own, that say what happened.")
    return _select(_("Colour by"), "by", offered, chosen, column_word, 120, instead=about)


def _farms(fields: pa.Table) -> tuple[str, ...]:
    known = maps.farms(fields)
    alike = Counter(known.values())
    words = {farm: name or farm if alike[name] == 1 else f"{name or ''} ({farm})" for farm, name in known.items()}
    return _several(_("Farms"), "farm", list(known), lambda farm: inert.plain(words[farm]), _("All"))


def _crops(fields: pa.Table) -> tuple[str, ...]:
    return _several(_("Crops"), "crop", maps.crops(fields), inert.plain, _("All"))


def _against(others: Mapping[str, Snapshot]) -> Snapshot | None:
    if not others:
        return None
    wanted = st.query_params.get("vs", "")
    value = wanted if wanted in others else _NONE
    chosen = _select(_("Compare with"), "vs", [_NONE, *others], value, _words_of(others), 150)
    return others.get(chosen)


def _mode(snapshot: Snapshot, against: Snapshot) -> Mode:
    """Ask how two backups are compared; what differs is only told of two that cover the same."""
    offered = _offered_modes(snapshot, against)
    value = _asked_mode(offered)
    key = _PREFIX + "mode"
    st.session_state[key] = value
    chosen: Mode | None = st.segmented_control(
        _("How"),
        offered,
        format_func=lambda mode: _(_MODE_WORDS[mode]),
        key=key,
        required=True,
        on_change=_remember,
        args=("mode",),
    )
    return chosen or value


def _offered_modes(snapshot: Snapshot, against: Snapshot) -> Sequence[Mode]:
    return MODES if snapshot.scope == against.scope else MODES[1:]


def _asked_mode(offered: Sequence[Mode]) -> Mode:
    written = st.query_params.get("mode", "")
    return next((mode for mode in offered if mode == written), offered[0])


def _select(
    label: str,
    name: str,
    options: Sequence[str],
    value: str,
    words: Callable[[str], str],
    width: int,
    *,
    instead: str | None = None,
) -> str:
    """Draw a choice that the address remembers. instead: why it has no effect now, which greys it out."""
    key = _PREFIX + name
    st.session_state[key] = value
    chosen: str = st.selectbox(
        label,
        options,
        format_func=words,
        key=key,
        on_change=_remember,
        args=(name,),
        width=width,
        disabled=instead is not None,
        help=instead,
    )
    return chosen


def _several(
    label: str, name: str, options: Sequence[str], words: Callable[[str], str], placeholder: str
) -> tuple[str, ...]:
    key = _PREFIX + name
    written = set(st.query_params.get_all(name))
    st.session_state[key] = [each for each in options if each in written]
    chosen: list[str] = st.multiselect(
        label,
        options,
        format_func=words,
        key=key,
        placeholder=placeholder,
        on_change=_remember_several,
        args=(name,),
        width=125,
    )
    return tuple(chosen)


def _newest() -> None:
    address.show(snap=None, vs=None)


def _remember(name: str) -> None:
    if name == "snap":
        address.show(vs=None)
    address.show(**{name: st.session_state[_PREFIX + name] or None})


def _remember_several(name: str) -> None:
    address.show(**{name: st.session_state[_PREFIX + name] or None})


def nothing() -> None:
    """Say that there is nothing to draw, and how to get something."""
    st.info(nothing_yet(address.environment()), icon=":material/map:")
    st.page_link(address.HOME, label=_("To the home page"), icon=":material/home:", query_params=address.params())
