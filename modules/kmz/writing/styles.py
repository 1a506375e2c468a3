"""How things look in Google Earth and its like: a colour for each crop and class, markers without any network.

The parts of a style are simplekml's; its ids are not, for `id="7"` is none that KML's schema allows.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from modules.domain.crop_colours import crop_colour
from modules.domain.layer_colours import AREA_COLOUR, class_colour, marker_colour

#: The icon inside the archive, white, so that a style's colour tints it.
ICON: Final = "files/marca.png"

_LINE_WIDTH: Final = 2.5
_OUTLINE_WIDTH: Final = 3.5
_ZONE_LINE_WIDTH: Final = 1.2
#: Lines of cells side by side: thicker ones would cover small cells.
_CELL_LINE_WIDTH: Final = 1.0
#: Neighbours of one class stay apart.
_ZONE_LINE: Final = "#FFFFFF"
#: Alpha: dense enough to tell crops apart, thin enough to read the imagery below.
_FIELD_FILL, _ZONE_FILL = "73", "8C"
_ICON_SCALE: Final = 0.7
_LABEL_SCALE: Final = 0.9
_ID = re.compile(r' id="\d+"')

#: Only the description, whose text is escaped; the template that comes with a reader would show names as HTML.
_BALLOON: Final = "$[description]"
LABEL_STYLE: Final = "etiqueta"
AREA_STYLE: Final = "zona"


def crop_style_id(crop: str | None, *, outline: bool = False) -> str:
    """Name the style of a crop's fields, the same in every file; outline: of fields whose zones are drawn."""
    return _style_id("borde" if outline else "cultivo", crop)


def cell_style_id(crop: str | None) -> str:
    """Name the style of a crop's cells."""
    return _style_id("celda", crop)


def zone_style_id(class_: str | None) -> str:
    """Name the style of zones of a class."""
    return _style_id("ambiente", class_)


def marker_style_id(kind: str | None) -> str:
    """Name the style of markers of a kind."""
    return _style_id("marcador", kind)


@cache
def crop_style(crop: str | None, *, outline: bool = False) -> str:
    """Draw fields of a crop: filled with its colour, or only outlined."""
    colour = crop_colour(crop)
    width = _OUTLINE_WIDTH if outline else _LINE_WIDTH
    return _polygon_style(crop_style_id(crop, outline=outline), colour, width, "00" if outline else _FIELD_FILL)


@cache
def cell_style(crop: str | None) -> str:
    """Draw cells of a grid with the colour of their crop."""
    return _polygon_style(cell_style_id(crop), crop_colour(crop), _CELL_LINE_WIDTH, _FIELD_FILL)


@cache
def zone_style(class_: str | None) -> str:
    """Draw zones of a class."""
    colour = class_colour(class_)
    return _polygon_style(zone_style_id(class_), colour, _ZONE_LINE_WIDTH, _ZONE_FILL, _ZONE_LINE)


@cache
def area_style() -> str:
    """Draw other areas of a farm."""
    return _polygon_style(AREA_STYLE, AREA_COLOUR, _LINE_WIDTH, _FIELD_FILL)


@cache
def marker_style(kind: str | None) -> str:
    """Draw markers of a kind with the icon of the archive."""
    import simplekml

    icon = simplekml.IconStyle(
        color=_kml_colour(marker_colour(kind)),
        scale=_ICON_SCALE,
        icon=simplekml.Icon(href=ICON),
    )
    label = simplekml.LabelStyle(scale=_LABEL_SCALE)
    return _style(marker_style_id(kind), [icon, label, _balloon()])


@cache
def label_style() -> str:
    """Draw a label: its text and no icon."""
    import simplekml

    # simplekml's own IconStyle would name an icon at Google even where none is drawn.
    no_icon = "<IconStyle><scale>0</scale></IconStyle>"
    return _style(LABEL_STYLE, [no_icon, simplekml.LabelStyle(scale=_LABEL_SCALE), _balloon()])


@cache
def icon_png() -> bytes:
    """Draw the icon of markers: a white disc with a dark rim, 32 × 32 pixels (PNG, ISO/IEC 15948)."""
    size, radius, rim = 32, 13.0, 3.0
    rows = []
    for y in range(size):
        row = bytearray([0])  # no filter
        for x in range(size):
            distance = ((x - 15.5) ** 2 + (y - 15.5) ** 2) ** 0.5
            cover = min(max(radius + 0.5 - distance, 0.0), 1.0)
            light = min(max(radius - rim + 0.5 - distance, 0.0), 1.0)
            row += bytes([round(40 + 215 * light), round(255 * cover)])
        rows.append(bytes(row))
    head = struct.pack(">2I5B", size, size, 8, 4, 0, 0, 0)  # eight bits, grey with alpha
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _polygon_style(style_id: str, colour: str, width: float, alpha: str, line_colour: str = "") -> str:
    import simplekml

    line = simplekml.LineStyle(color=_kml_colour(line_colour or colour), width=width)
    fill = simplekml.PolyStyle(color=_kml_colour(colour, alpha), fill=int(alpha != "00"), outline=1)
    return _style(style_id, [line, fill, _balloon()])


def _balloon() -> str:
    import simplekml

    return f"<BalloonStyle>{simplekml.BalloonStyle(text=_BALLOON)}</BalloonStyle>"


def _style(style_id: str, parts: Iterable[Any]) -> str:
    """Put parts in the order of the schema: icon, label, line, polygon, balloon."""
    return f'<Style id="{style_id}">{_ID.sub("", "".join(map(str, parts)))}</Style>'


def _kml_colour(colour: str, alpha: str = "FF") -> str:
    """Turn `#RRGGBB` into KML's `aabbggrr`."""
    import simplekml

    return str(simplekml.Color.hexa(colour.removeprefix("#") + alpha))


def _style_id(family: str, value: str | None) -> str:
    """Make an id out of any text: a name in XML holds few kinds of characters."""
    return f"{family}-{blake2b((value or '').encode(), digest_size=4).hexdigest()}"
