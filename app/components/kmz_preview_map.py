"""The map of a KMZ that is looked at: its own styles, and the images that it lays on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, map_choice
from app.components.basemaps import basemaps
from app.components.field_map import Layer, MapSpec, Overlay, Own, field_map
from app.components.field_map.spec import NO_BASEMAP
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
    with st.container(key="kmz-preview-frame"):
        state = field_map(
            MapSpec(
                layers=(_layer(preview, token, shown_folders),),
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


def _layer(preview: Preview, token: str, shown_folders: Collection[int]) -> Layer:
    in_shown = [each for each in preview.overlays if each.shown and each.folder in shown_folders]
    return Layer(
        # Another file is another layer: the map goes where that lies.
        id=f"{KMZ}-{token}",
        kind="kmz",
        title=preview.file,
        source=f"{token}/{KMZ}",
        colour=Own(),
        opacity=1.0,
        label=True,
        overlays=tuple(
            Overlay(f"/previews/{token}/image/{each.image}", each.corners, each.opacity)
            for each in in_shown
            if each.image is not None
        ),
        hidden_folders=tuple(each.number for each in preview.tree if each.number not in shown_folders),
    )
