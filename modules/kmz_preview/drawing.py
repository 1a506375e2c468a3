"""How a feature is drawn, from its KML style to the columns of a tile."""

from __future__ import annotations

from typing import Final, NamedTuple

from modules.kmz.reading.document import WHITE, Colour, Style

POLYGON: Final = "polygon"
LINE: Final = "line"
POINT: Final = "point"

#: Each image on the ground is a layer of the map by itself: a file of thousands would hold the map up for minutes.
DRAWN_IMAGES: Final = 150
#: Wider lines are no lines.
_WIDEST: Final = 64.0
_LARGEST: Final = 16.0
#: Google Earth draws a yellow pin where a style names no icon. Its picture is Google's; a dot in its colour is ours.
_PIN: Final = "#FDD835"
_EDGE: Final = "#3C3C3C"


class Drawn(NamedTuple):
    """Columns of one feature; colours as `#RRGGBB`, opacities 0 to 1, width in pixels."""

    fill: str
    fill_opacity: float
    stroke: str
    stroke_opacity: float
    width: float
    icon_href: str | None
    icon_scale: float


def drawn(style: Style, kind: str) -> Drawn:
    """Resolve a style for polygons, lines or points."""
    if kind == POINT:
        return _point(style)
    line = _hex(style.line_colour)
    width = min(max(style.line_width, 0.0), _WIDEST)
    if kind == LINE:
        return Drawn(line, 0.0, line, _opacity(style.line_colour), width, None, 0.0)
    return Drawn(
        fill=_hex(style.fill_colour),
        fill_opacity=_opacity(style.fill_colour) if style.fill else 0.0,
        stroke=line,
        stroke_opacity=_opacity(style.line_colour) if style.outline else 0.0,
        width=width,
        icon_href=None,
        icon_scale=0.0,
    )


def _point(style: Style) -> Drawn:
    scale = min(max(style.icon_scale, 0.0), _LARGEST)
    # A label is a point whose icon has no size.
    opacity = _opacity(style.icon_colour) if scale else 0.0
    fill = _PIN if style.icon_colour[:3] == WHITE[:3] else _hex(style.icon_colour)
    return Drawn(fill, opacity, _EDGE, opacity, 1.0, style.icon_href if scale else None, scale)


def _hex(colour: Colour) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour[:3])


def _opacity(colour: Colour) -> float:
    return round(colour[3] / 255, 3)
