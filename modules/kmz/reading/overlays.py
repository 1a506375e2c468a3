"""Ground overlays: where the corners of their image lie."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from lxml import etree

from modules.domain.reasons import Reason
from modules.kmz.reading.coordinates import read_coordinates
from modules.kmz.reading.document import Position
from modules.kmz.reading.elements import child_of, number_of, text_of

Corners = tuple[Position, Position, Position, Position]

_SIDES: Final = ("north", "south", "east", "west")
#: First bytes of the images a browser shows.
_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_WEBP: Final = (b"RIFF", b"WEBP")


def image_type(content: bytes) -> str | None:
    """Tell the media type of an image by its first bytes; None for what is none that browsers show."""
    if (content[:4], content[8:12]) == _WEBP:
        return "image/webp"
    return next((kind for magic, kind in _IMAGES if content.startswith(magic)), None)


def read_corners(element: etree._Element) -> Corners | Reason:
    """Find the corners of a GroundOverlay: lower left, lower right, upper right, upper left, in lon/lat degrees."""
    quad = child_of(element, "LatLonQuad")
    if quad is not None:
        return _quad(text_of(child_of(quad, "coordinates")))
    box = child_of(element, "LatLonBox")
    return Reason.NULL_GEOMETRY if box is None else _box(box)


def _quad(text: str) -> Corners | Reason:
    """Read gx:LatLonQuad: four corners, counterclockwise from the lower left."""
    read = read_coordinates([text])
    if read.unreadable[0] or len(read.positions) != 4:
        return Reason.UNREADABLE_GEOMETRY
    corners = [(float(lon), float(lat)) for lon, lat in read.positions]
    return _checked((corners[0], corners[1], corners[2], corners[3]))


def _box(box: etree._Element) -> Corners | Reason:
    sides = [number_of(text_of(child_of(box, side))) for side in _SIDES]
    rotation = number_of(text_of(child_of(box, "rotation"))) or 0.0
    if any(side is None for side in sides):
        return Reason.UNREADABLE_GEOMETRY
    north, south, east, west = (float(side) for side in sides if side is not None)
    checked = _checked(((west, south), (east, south), (east, north), (west, north)))
    if isinstance(checked, Reason):
        return checked
    # A box over the antimeridian has its east west of its west.
    return _rotated(north, south, east + 360 if east < west else east, west, rotation)


def _rotated(north: float, south: float, east: float, west: float, rotation: float) -> Corners:
    """Turn a box counterclockwise around its centre (KML 2.2, 11.3.3.1), on the ground: a degree of lon is shorter."""
    lon, lat = (east + west) / 2, (north + south) / 2
    shrink = max(math.cos(math.radians(lat)), 1e-9)
    cosine, sine = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    half = np.array([(east - west) / 2 * shrink, (north - south) / 2])
    x, y = (np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half).T
    turned = zip((lon + (x * cosine - y * sine) / shrink).tolist(), (lat + x * sine + y * cosine).tolist(), strict=True)
    lower_left, lower_right, upper_right, upper_left = turned
    return lower_left, lower_right, upper_right, upper_left


def _checked(corners: Corners) -> Corners | Reason:
    if not all(math.isfinite(number) for corner in corners for number in corner):
        return Reason.NOT_FINITE
    if any(abs(lon) > 180 or abs(lat) > 90 for lon, lat in corners):
        return Reason.OUT_OF_RANGE
    return corners
