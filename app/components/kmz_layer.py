"""A KMZ or KML that was read, as a layer of a map: its own styles, and the images that it lays on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.components.field_map import Layer, Overlay, Own
from app.services.tiles.kinds import KMZ
from modules.kmz_preview.drawing import DRAWN_IMAGES

if TYPE_CHECKING:
    from collections.abc import Collection

    from modules.kmz_preview.preview import Preview


def kmz_layer(preview: Preview, token: str, shown_folders: Collection[int], *, layer_id: str) -> Layer:
    """Make the layer of what lies in the folders that are switched on.

    token: of the preview, which its tiles and images are asked for by
    layer_id: of the layer on the map
    """
    in_shown = [
        each for each in preview.overlays if each.shown and each.folder in shown_folders and each.image is not None
    ]
    return Layer(
        id=layer_id,
        kind="kmz",
        title=preview.file,
        source=f"{token}/{KMZ}",
        colour=Own(),
        opacity=1.0,
        label=True,
        overlays=tuple(
            Overlay(f"/previews/{token}/image/{each.image}", each.corners, each.opacity)
            for each in in_shown[:DRAWN_IMAGES]
        ),
        hidden_folders=tuple(each.number for each in preview.tree if each.number not in shown_folders),
    )
