"""The map with what belongs to it: which backup, the filter, the comparison, and the table below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, map_choice, map_kmz, map_table
from app.components.basemaps import basemaps
from app.components.faults import told
from app.components.field_map import MapSpec, field_map
from app.components.field_map.spec import NO_BASEMAP
from app.components.field_map.state import SHOW_IN_TABLE
from app.components.map_layers import as_left, map_layers
from app.services import grids, maps
from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from app.components.field_map import MapState
    from app.components.map_choice import Choice
    from app.components.map_kmz import Above
    from modules.snapshots.store import Snapshot

_KEY: Final = "field-map"
_HEIGHT_PX: Final = 600


@st.fragment
@address.speaking
def map_page() -> None:
    """Draw the map that the address names, else that of the newest backup."""
    found = maps.snapshots(address.settings().home, address.environment())
    if not found:
        map_choice.nothing()
        return
    with told():
        above = map_kmz.above()
        with st.container(horizontal=True, vertical_alignment="bottom", key="map-choices"):
            snapshot = map_choice.choose_snapshot(found)
            rows = maps.rows(snapshot, Layer.FIELDS)
            choice = map_choice.choose(snapshot, found, rows)
            map_kmz.kmz_button()
        fields = choice.filter.within(rows)
        _draw(choice, fields, above)
        map_table.map_table(fields, map_choice.selection())


def _draw(choice: Choice, fields: pa.Table, above: Above) -> None:
    selection = map_choice.selection()
    environment = address.environment()
    grid = maps.grid_of(grids.grids(address.settings().home, environment), choice.snapshot.manifest.season)
    offered = basemaps()
    snapshots = [choice.snapshot, *([choice.against] if choice.against else [])]
    field_map(
        MapSpec(
            layers=tuple(as_left([*above.layers, *map_layers(choice, environment, grid)], map_choice.layer_states())),
            title=map_choice.printed_title(choice, fields),
            coming=above.coming,
            bounds=maps.bounds_of(snapshots),
            basemaps=offered,
            basemap=map_choice.basemap([each.id for each in offered]),
            selection=tuple(selection),
            selection_hectares=tuple(maps.hectares_of(fields, selection)),
            compare="none" if choice.mode == "differences" or choice.against is None else choice.mode,
            titles=_titles(snapshots),
            height=_HEIGHT_PX,
            link={"snap": choice.snapshot.id},
        ),
        key=f"{_KEY}-{environment}",  # the other one is another map: its fields may lie elsewhere
        heard=_remember,
    )


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
        coming = [each for each in map_choice.layer_states() if map_kmz.still_coming(each.id)]
        map_choice.remember_layers([*coming, *state.layers])
    if state.basemap is not None:
        address.show(base=None if state.basemap == NO_BASEMAP else state.basemap)
    if state.selection is not None:
        map_choice.select(state.selection)
    if state.event is not None and state.event.name == SHOW_IN_TABLE:
        map_choice.select(list(dict.fromkeys([*map_choice.selection(), state.event.id])))
        map_table.show_selection()
