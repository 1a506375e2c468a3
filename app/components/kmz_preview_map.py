"""The map of a KMZ that is looked at: its own styles, without anything below them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from modules.i18n import gettext as _
from modules.i18n.formats import number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pydeck
    from numpy.typing import NDArray

    from modules.geometry.area import Box
    from modules.kmz_preview.preview import Overlay, Preview

_HEIGHT_PX: Final = 460
_WIDTH_PX: Final = 420
_TILE_PX: Final = 512
_FREE: Final = 1.15
_CLOSEST: Final = 16.0
#: More than this is too much for the page's own connection.
_MOST: Final = 2_000
_MOST_POSITIONS: Final = 100_000
_TOOLTIP: Final = {"whiteSpace": "pre-line", "borderRadius": "4px", "fontSize": "0.85rem"}


def preview_map(preview: Preview, token: str, shown_folders: Collection[int]) -> None:
    """Draw what lies in the folders that are switched on."""
    if preview.facts.bounds is None:
        return
    rows = _shown(preview, shown_folders)
    in_shown = [each for each in preview.overlays if each.shown and each.folder in shown_folders]
    overlays = [each for each in in_shown if each.image is not None]
    if len(rows) > _MOST or _positions(preview, rows) > _MOST_POSITIONS:
        st.info(
            _(
                "{count} things are too many to be drawn here. Switch folders off to see the others.",
                count=number(len(rows)),
            ),
            icon=":material/layers:",
        )
        return
    layers = [*(_image(each, token) for each in overlays), _shapes(preview, rows)]
    with st.container(border=True, key="kmz-preview-frame"):
        st.pydeck_chart(
            _deck(layers, _view(preview.facts.bounds)),
            height=_HEIGHT_PX,
            alt=_("Map of what the file draws; the same things stand in the table below"),
            key=f"kmz-preview-map-{token}",
        )


def _shown(preview: Preview, shown_folders: Collection[int]) -> NDArray[np.int64]:
    """Give the rows of the layer that are drawn."""
    table = preview.layer.table
    is_shown = np.zeros(len(preview.tree), dtype=bool)
    is_shown[np.fromiter(shown_folders, dtype=np.int64)] = True
    return np.flatnonzero(is_shown[table["folder"].to_numpy()] & table["shown"].to_numpy())


def _positions(preview: Preview, rows: NDArray[np.int64]) -> int:
    import shapely

    return int(shapely.get_num_coordinates(preview.layer.geometry[rows]).sum())


def _shapes(preview: Preview, rows: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "@@type": "GeoJsonLayer",
        "id": "shapes",
        "data": {"type": "FeatureCollection", "features": list(_features(preview, rows))},
        "getFillColor": "@@=properties.f",
        "getLineColor": "@@=properties.s",
        "getLineWidth": "@@=properties.w",
        "lineWidthUnits": "pixels",
        "getPointRadius": 5,
        "pointRadiusUnits": "pixels",
        "pickable": True,
        "autoHighlight": True,
    }


def _features(preview: Preview, rows: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    import shapely

    for row, each in zip(rows, preview.layer.table.take(rows).to_pylist(), strict=True):
        yield {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(preview.layer.geometry[row]),
            "properties": {
                "f": _rgba(each["fill"], each["fill_opacity"]),
                "s": _rgba(each["stroke"], each["stroke_opacity"]),
                "w": each["width"],
                # deck.gl shows it as text, never as HTML.
                "t": "\n".join(filter(None, (each["name"], each["balloon"][:300]))),
            },
        }


def _rgba(colour: str, opacity: float) -> list[int]:
    return [*bytes.fromhex(colour[1:]), round(opacity * 255)]


def _image(overlay: Overlay, token: str) -> dict[str, Any]:
    upper_left, upper_right, lower_right, lower_left = overlay.corners
    return {
        "@@type": "BitmapLayer",
        "id": f"image-{overlay.image}-{overlay.name}",
        "image": f"/previews/{token}/image/{overlay.image}",
        "bounds": [lower_left, upper_left, upper_right, lower_right],
        "opacity": overlay.opacity,
    }


def _view(bounds: Box) -> dict[str, float]:
    """Look at a box so near that it fills the map (web mercator, tiles of 512 pixels)."""
    west, south, east, north = bounds
    south, north = (min(max(each, -85.0), 85.0) for each in (south, north))
    lower, upper = (math.log(math.tan(math.pi / 4 + math.radians(each) / 2)) for each in (south, north))
    wide = max((east - west) / 360, 1e-7) * _FREE * _TILE_PX / _WIDTH_PX
    high = max((upper - lower) / (2 * math.pi), 1e-7) * _FREE * _TILE_PX / _HEIGHT_PX
    return {
        "longitude": (west + east) / 2,
        "latitude": math.degrees(math.atan(np.sinh((lower + upper) / 2))),
        "zoom": round(min(-math.log2(max(wide, high)), _CLOSEST), 3),
    }


def _deck(layers: list[dict[str, Any]], view: dict[str, float]) -> pydeck.Deck:
    """Make a deck whose JSON has no blanks."""
    import msgspec
    import pydeck

    class Compact(pydeck.Deck):  # type: ignore[misc]  # pydeck has no types
        def to_json(self) -> str:
            spec = msgspec.json.decode(super().to_json())
            return msgspec.json.encode(spec | {"layers": layers}).decode()

    return Compact(
        map_provider=None, initial_view_state=pydeck.ViewState(**view), tooltip={"text": "{t}", "style": _TOOLTIP}
    )
