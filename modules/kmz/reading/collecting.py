"""What one pass over a KML finds, before geometries are built and styles put together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from modules.domain.reasons import Reason
from modules.kmz.reading.document import WHITE, Colour, Rejected
from modules.kmz.reading.elements import child_of, number_of, text_of
from modules.kmz.reading.geometries import Geometries
from modules.kmz.reading.overlays import Corners, read_corners
from modules.kmz.reading.placemarks import Words, read_words
from modules.kmz.reading.scanning import Node
from modules.kmz.reading.styles import Styles, read_colour

#: KML 2.2 has Link; 2.0 and 2.1 had Url.
_LINKS: Final = ("Link", "Url")


@dataclass(frozen=True, slots=True)
class Placed:
    """A feature's words, the container it lies in, and the line where it begins."""

    words: Words
    node: Node
    line: int


@dataclass(frozen=True, slots=True)
class OverlayFound:
    """A ground overlay whose image is not looked for yet."""

    placed: Placed
    corners: Corners
    href: str
    colour: Colour
    draw_order: int


class Collection:
    """Features and styles of one pass, in the order of the file."""

    def __init__(self, own_name: str, positions: int) -> None:
        self.styles = Styles(own_name)
        self.geometries = Geometries(positions)
        self.placemarks: list[Placed] = []
        self.overlays: list[OverlayFound] = []
        self.links: list[tuple[Placed, str]] = []
        self.rejected: list[Rejected] = []
        self.skipped: Counter[str] = Counter()

    def take(self, name: str, element: etree._Element, node: Node) -> None:
        """Read a feature or a shared style. Raises TooManyPositions."""
        if name not in ("Placemark", "GroundOverlay", "NetworkLink"):
            self.styles.add(name, element)
            return
        line: Any = element.sourceline
        placed = Placed(read_words(element, self.styles, self.skipped), node, line or 0)
        if name == "Placemark":
            self._take_placemark(placed)
        elif name == "GroundOverlay":
            self._take_overlay(element, placed)
        else:
            link = next((found for each in _LINKS if (found := child_of(element, each)) is not None), None)
            self.links.append((placed, "" if link is None else text_of(child_of(link, "href"))))

    def _take_placemark(self, placed: Placed) -> None:
        for kind, texts in placed.words.parts:
            self.geometries.add(len(self.placemarks), kind, texts)
        placed.words.parts.clear()
        placed.node.features += 1
        self.placemarks.append(placed)

    def _take_overlay(self, element: etree._Element, placed: Placed) -> None:
        corners = read_corners(element)
        if isinstance(corners, Reason):
            self.rejected.append(Rejected(placed.words.name, placed.line, corners))
            return
        icon = child_of(element, "Icon")
        href = "" if icon is None else text_of(child_of(icon, "href"))
        colour = read_colour(text_of(child_of(element, "color"))) or WHITE
        order = number_of(text_of(child_of(element, "drawOrder"))) or 0
        self.overlays.append(OverlayFound(placed, corners, href, colour, int(order)))
