"""Styles of a KML: shared ones by id, pairs of a StyleMap, inline ones, put together for each feature.

What an inline style states goes before what the shared one states, property by property within each sub-style, as
Google Earth does: a shared line colour stays where the inline style only tells a width. Neither is inherited from
folders (KML 2.2, 6.4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from modules.kmz.reading.document import DEFAULT_STYLE, Colour, Style
from modules.kmz.reading.elements import child_of, children, id_of, is_true, number_of, text_of

Properties = Mapping[str, Any]

NORMAL: Final = "normal"
HIGHLIGHT: Final = "highlight"
#: StyleMaps that lead to StyleMaps: more than this is a circle.
_STEPS: Final = 8
#: KML 2.2, clause 16 (colorType): aabbggrr. A `#` before it is what web designers add.
_COLOUR: Final = re.compile(r"#?([0-9a-fA-F]{8})")

_COLOURS: Final = {
    ("LineStyle", "color"): "line_colour",
    ("PolyStyle", "color"): "fill_colour",
    ("IconStyle", "color"): "icon_colour",
    ("LabelStyle", "color"): "label_colour",
}
_NUMBERS: Final = {
    ("LineStyle", "width"): "line_width",
    ("IconStyle", "scale"): "icon_scale",
    ("IconStyle", "heading"): "icon_heading",
    ("LabelStyle", "scale"): "label_scale",
}
_SWITCHES: Final = {("PolyStyle", "fill"): "fill", ("PolyStyle", "outline"): "outline"}
_SUB_STYLES: Final = frozenset(("LineStyle", "PolyStyle", "IconStyle", "LabelStyle"))


def read_colour(text: str) -> Colour | None:
    """Turn aabbggrr into red, green, blue, opacity; None for anything else."""
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return None
    opacity, blue, green, red = bytes.fromhex(found[1])
    return red, green, blue, opacity


@dataclass(frozen=True, slots=True)
class Selector:
    """What styles one feature or one pair: a reference, what is stated inline, or both."""

    url: str = ""
    inline: Properties = field(default_factory=dict)
    pairs: Mapping[str, Selector] = field(default_factory=dict)


class Styles:
    """The shared styles of one KML. `troubles` counts what could not be followed, by kind."""

    def __init__(self, own_name: str) -> None:
        self._own_name = own_name
        self._shared: dict[str, Selector] = {}
        self._known: dict[str, tuple[Style, Style | None]] = {}
        self.troubles: Counter[str] = Counter()

    def add(self, name: str, element: etree._Element) -> None:
        """Remember a Style, StyleMap or CascadingStyle that has an id; the first one of an id counts."""
        known_as = id_of(element)
        if known_as:
            self._shared.setdefault(known_as, self.read(name, element))

    def read(self, name: str, element: etree._Element) -> Selector:
        """Read a Style, StyleMap or CascadingStyle (a Style in a wrapper with the id)."""
        if name == "StyleMap":
            return Selector(pairs=self._read_pairs(element))
        if name == "CascadingStyle":
            wrapped = child_of(element, "Style")
            return Selector() if wrapped is None else Selector(inline=self._read_style(wrapped))
        return Selector(inline=self._read_style(element))

    def styles_of(self, selector: Selector) -> tuple[Style, Style | None]:
        """Put together a feature's style and the one under the mouse, if a StyleMap gives one.

        Features of one reference and nothing inline share the objects.
        """
        if selector.url and self._id(selector.url) is None:
            place = selector.url.rpartition("#")[0]
            self.troubles["elsewhere" if place else "missing"] += 1
        if selector.inline or selector.pairs:
            return self._styles_of(selector)
        known = self._known.get(selector.url)
        if known is None:
            known = self._known[selector.url] = self._styles_of(selector)
        return known

    def _styles_of(self, selector: Selector) -> tuple[Style, Style | None]:
        shared = self._shared.get(self._id(selector.url) or "")
        mapped = bool(selector.pairs or (shared and shared.pairs))
        normal = _style(self._follow(selector, NORMAL, 0))
        return normal, _style(self._follow(selector, HIGHLIGHT, 0)) if mapped else None

    def _follow(self, selector: Selector, key: str, steps: int) -> Properties:
        shared: Properties = {}
        if selector.url and steps < _STEPS:
            known_as = self._id(selector.url)
            if known_as is not None:
                shared = self._follow(self._shared[known_as], key, steps + 1)
        pair = selector.pairs.get(key) or selector.pairs.get(NORMAL)
        paired = self._follow(pair, key, steps + 1) if pair and steps < _STEPS else {}
        return {**shared, **paired, **selector.inline}

    def _id(self, url: str) -> str | None:
        """Find the id of a shared style of this KML that a reference means."""
        place, _mark, fragment = url.rpartition("#")
        if place and place.rpartition("/")[2] != self._own_name:
            return None
        if fragment in self._shared:
            return fragment
        plain = unquote(fragment)
        return plain if plain in self._shared else None

    def _read_pairs(self, element: etree._Element) -> dict[str, Selector]:
        pairs = {}
        for name, pair in children(element):
            if name == "Pair":
                pairs[text_of(child_of(pair, "key"))] = self._read_pair(pair)
        return pairs

    def _read_pair(self, pair: etree._Element) -> Selector:
        style = child_of(pair, "Style")
        return Selector(text_of(child_of(pair, "styleUrl")), {} if style is None else self._read_style(style))

    def _read_style(self, element: etree._Element) -> Properties:
        stated: dict[str, Any] = {}
        for sub_style, part in children(element):
            if sub_style in _SUB_STYLES:
                for name, child in children(part):
                    self._read_property(sub_style, name, child, stated)
        return stated

    def _read_property(self, sub_style: str, name: str, element: etree._Element, stated: dict[str, Any]) -> None:
        which = (sub_style, name)
        if name == "Icon" and sub_style == "IconStyle":
            stated["icon_href"] = text_of(child_of(element, "href")) or text_of(element) or None
            return
        text = text_of(element)
        if which in _SWITCHES:
            stated[_SWITCHES[which]] = is_true(text)
        elif which in _COLOURS and text:
            colour = read_colour(text)
            if colour is None:
                self.troubles["colour"] += 1
            else:
                stated[_COLOURS[which]] = colour
        elif which in _NUMBERS:
            number = number_of(text)
            if number is not None:
                stated[_NUMBERS[which]] = number


def _style(properties: Properties) -> Style:
    return Style(**properties) if properties else DEFAULT_STYLE
