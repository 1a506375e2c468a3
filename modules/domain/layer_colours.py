"""One colour for each class of zone and each kind of marker, and one for areas, the same in all pictures."""

from __future__ import annotations

from typing import Final

from modules.domain.layers import MARKER, SAMPLE_POINT

#: Low to high, in an order that colour-blind people see too (viridis).
CLASS_COLOURS: Final = {"baja": "#FDE725", "media": "#21918C", "alta": "#440154"}
OTHER_CLASS_COLOUR: Final = "#B8B8B8"
MARKER_COLOURS: Final = {SAMPLE_POINT: "#FFD54A", MARKER: "#FFFFFF"}
OTHER_MARKER_COLOUR: Final = "#FFFFFF"
#: Areas are no fields: a colour that no crop has.
AREA_COLOUR: Final = "#7B61C9"


def class_colour(zone_class: str | None) -> str:
    """Tell the colour of a class of zones as `#RRGGBB`."""
    return CLASS_COLOURS.get((zone_class or "").strip().casefold(), OTHER_CLASS_COLOUR)


def marker_colour(kind: str | None) -> str:
    """Tell the colour of a kind of markers as `#RRGGBB`."""
    return MARKER_COLOURS.get((kind or "").strip().casefold(), OTHER_MARKER_COLOUR)
