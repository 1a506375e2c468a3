"""The map with what belongs to it: which backup, the filter, the comparison, and the table below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, map_choice
from app.components.faults import told
from app.components.field_map import Basemap, MapSpec, field_map
from app.components.field_map.spec import NO_BASEMAP
from app.components.map_layers import as_left, map_layers
from app.components.map_table import map_table
from app.services import grids, maps
from modules.domain.layers import Layer
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.components.field_map import MapState
    from app.components.map_choice import Choice
    from modules.snapshots.store import Snapshot

_KEY: Final = "field-map"
#: The selection that was last heard of: what a table has chosen since is not overruled by it.
_HEARD: Final = "map-heard"
_HEIGHT_PX: Final = 600
#: White words can be read on it.
_DARK: Final = "satellite"
_BASEMAPS: Final[Mapping[str, str]] = {
    "satellite": N_("Satellite"),
    "argenmap": N_("Argenmap (IGN)"),
    "osm": N_("OpenStreetMap"),
}


@st.fragment
@address.speaking
def map_page() -> None:
    """Draw the map that the address names, else that of the newest backup."""
    found = maps.snapshots(address.settings().home, address.environment())
    if not found:
        map_choice.nothing()
        return
    with told():
        with st.container(horizontal=True, vertical_alignment="bottom", key="map-choices"):
            snapshot = map_choice.choose_snapshot(found)
            rows = maps.rows(snapshot, Layer.FIELDS)
            choice = map_choice.choose(snapshot, found, rows)
        fields = choice.filter.within(rows)
        _draw(choice)
        map_table(fields, map_choice.selection())


def _draw(choice: Choice) -> None:
    environment = address.environment()
    grid = maps.grid_of(grids.grids(address.settings().home, environment))
    offered = _basemaps()
    snapshots = [choice.snapshot, *([choice.against] if choice.against else [])]
    state = field_map(
        MapSpec(
            layers=tuple(as_left(map_layers(choice, environment, grid), map_choice.layer_states())),
            title=map_choice.snapshot_word(choice.snapshot),
            bounds=maps.bounds_of(snapshots),
            basemaps=offered,
            basemap=map_choice.basemap([each.id for each in offered]),
            selection=tuple(map_choice.selection()),
            compare="none" if choice.mode == "differences" or choice.against is None else choice.mode,
            titles=_titles(snapshots),
            height=_HEIGHT_PX,
        ),
        key=_KEY,
    )
    _remember(state)


def _titles(snapshots: Sequence[Snapshot]) -> tuple[str, str]:
    """Name the two sides by their moment; the older of two that are told alike says so."""
    moments = [recent(each.manifest.started_at) for each in snapshots]
    if len(moments) == 2 and moments[0] == moments[1]:
        older = min((0, 1), key=lambda side: snapshots[side].manifest.started_at)
        moments[older] = _("{when} (the older one)", when=moments[older])
    return moments[0], moments[-1]


def _remember(state: MapState) -> None:
    """Write to the address what the reader did on the map; the table below follows what was chosen."""
    if state.layers is not None:
        map_choice.remember_layers(state.layers)
    if state.basemap is not None:
        address.show(base=None if state.basemap == NO_BASEMAP else state.basemap)
    if state.selection is not None and st.session_state.get(_HEARD) != state.selection:
        st.session_state[_HEARD] = state.selection
        map_choice.select(state.selection)


def _basemaps() -> tuple[Basemap, ...]:
    settings = address.settings().basemaps
    return tuple(
        Basemap(
            id=name,
            title=_(title),
            tiles=(each.tiles,),
            attribution=each.attribution,
            maxzoom=each.max_zoom,
            dark=name == _DARK,
        )
        for name, title in _BASEMAPS.items()
        if (each := getattr(settings, name)) is not None
    )
