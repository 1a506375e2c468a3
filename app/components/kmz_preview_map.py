"""The map of a KMZ that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, map_choice
from app.components.basemaps import basemaps
from app.components.field_map import MapSpec, field_map
from app.components.field_map.spec import NO_BASEMAP
from app.components.kmz_layer import kmz_layer
from app.services.tiles.kinds import KMZ

if TYPE_CHECKING:
    from collections.abc import Collection

    from modules.kmz_preview.preview import Preview

_HEIGHT_PX: Final = 520


def preview_map(preview: Preview, token: str, shown_folders: Collection[int]) -> None:
    """Draw what lies in the folders that are switched on."""
    if preview.facts.bounds is None:
        return
    offered = basemaps()
    # Another file is another layer: the map goes where that lies.
    layer = kmz_layer(preview, token, shown_folders, layer_id=f"{KMZ}-{token}")
    with st.container(key="kmz-preview-frame"):
        state = field_map(
            MapSpec(
                layers=(layer,),
                title=preview.file,
                bounds=preview.facts.bounds,
                basemaps=offered,
                basemap=map_choice.basemap([each.id for each in offered]),
                height=_HEIGHT_PX,
            ),
            key="kmz-preview-map",
        )
    if state.basemap is not None:
        address.show(base=None if state.basemap == NO_BASEMAP else state.basemap)
