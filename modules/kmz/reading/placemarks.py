"""One placemark: its words, data, times and parts of geometry, as far as its own element tells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from modules.kmz.reading.elements import child_of, children, id_of, inner_text, is_true, local_name, text_of
from modules.kmz.reading.geometries import Kind
from modules.kmz.reading.plain_text import plain_text
from modules.kmz.reading.styles import Selector, Styles

Part = tuple[Kind, list[str]]

_GEOMETRIES: Final = frozenset(
    ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model")
)
_SELECTORS: Final = frozenset(("Style", "StyleMap"))
_NOT_SHOWN: Final = frozenset(("Model",))


@dataclass(slots=True)
class Words:
    """What placemarks, overlays and links have in common. `visible` is the element's own switch."""

    id: str | None = None
    name: str = ""
    description: str = ""
    snippet: str = ""
    visible: bool = True
    begin: str | None = None
    end: str | None = None
    selector: Selector = field(default_factory=Selector)
    data: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    track_times: list[tuple[str, ...]] = field(default_factory=list)


def read_words(element: etree._Element, styles: Styles, skipped: Counter[str]) -> Words:
    """Read a feature's element; what of its geometry is not shown is counted in `skipped`."""
    words = Words(id_of(element))
    url, inline = "", Selector()
    for name, child in children(element):
        if name in _READERS:
            _READERS[name](child, words)
        elif name in _GEOMETRIES:
            _read_geometry(name, child, words, skipped)
        elif name in _SELECTORS:
            inline = styles.read(name, child)
        elif name == "styleUrl":
            url = text_of(child)
    words.selector = Selector(url, inline.inline, inline.pairs) if url else inline
    return words


def _read_name(element: etree._Element, words: Words) -> None:
    words.name = inner_text(element).strip()


def _read_description(element: etree._Element, words: Words) -> None:
    words.description = plain_text(inner_text(element))


def _read_snippet(element: etree._Element, words: Words) -> None:
    words.snippet = plain_text(inner_text(element))


def _read_visibility(element: etree._Element, words: Words) -> None:
    words.visible = is_true(text_of(element))


def _read_stamp(element: etree._Element, words: Words) -> None:
    words.begin = words.end = text_of(child_of(element, "when")) or None


def _read_span(element: etree._Element, words: Words) -> None:
    words.begin = text_of(child_of(element, "begin")) or None
    words.end = text_of(child_of(element, "end")) or None


def _read_extended_data(element: etree._Element, words: Words) -> None:
    words.data.update(_read_data(element))


_READERS: Final[Mapping[str, Callable[[etree._Element, Words], None]]] = {
    "name": _read_name,
    "description": _read_description,
    "Snippet": _read_snippet,
    "snippet": _read_snippet,
    "visibility": _read_visibility,
    "TimeStamp": _read_stamp,
    "TimeSpan": _read_span,
    "ExtendedData": _read_extended_data,
}


def _read_data(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Read Data, SimpleData and, from other namespaces, elements that hold nothing but text."""
    for child in element:
        tag = local_name(child.tag) or child.tag.rpartition("}")[2]
        if tag == "SchemaData":
            yield from _read_data(child)
        elif tag == "Data":
            yield child.get("name") or "", text_of(child_of(child, "value"))
        elif tag == "SimpleData":
            yield child.get("name") or "", text_of(child)
        elif not len(child):
            yield tag, text_of(child)


def _read_geometry(name: str, element: etree._Element, words: Words, skipped: Counter[str]) -> None:
    """Add the parts of a geometry; MultiGeometry and MultiTrack are laid flat, however deep they are."""
    waiting = [(name, element)]
    while waiting:
        name, element = waiting.pop()
        if name in ("MultiGeometry", "MultiTrack"):
            inside = [(kind, child) for kind, child in children(element) if kind in _GEOMETRIES]
            waiting.extend(reversed(inside))
        elif name == "Polygon":
            words.parts.append((Kind.POLYGON, _read_polygon(element)))
        elif name == "Track":
            _read_track(element, words)
        elif name in _NOT_SHOWN:
            skipped[name] += 1
        else:
            kind = {"Point": Kind.POINT, "LineString": Kind.LINE, "LinearRing": Kind.RING}[name]
            words.parts.append((kind, [_coordinates(element)]))


def _coordinates(element: etree._Element) -> str:
    found = child_of(element, "coordinates")
    return "" if found is None else found.text or ""


def _read_polygon(element: etree._Element) -> list[str]:
    """Give the outline's text, then the holes'. Some programs put several holes into one innerBoundaryIs."""
    outline, holes = "", []
    for name, boundary in children(element):
        rings = [_coordinates(ring) for kind, ring in children(boundary) if kind == "LinearRing"]
        if name == "outerBoundaryIs":
            outline = rings[0] if rings else ""
        elif name == "innerBoundaryIs":
            holes.extend(rings)
    return [outline, *holes]


def _read_track(element: etree._Element, words: Words) -> None:
    """Read a track: times and positions stand in two lists side by side; an empty position has nothing to show."""
    times = []
    positions = []
    for name, child in children(element):
        if name == "when":
            times.append(text_of(child))
        elif name == "coord":
            positions.append(",".join(text_of(child).split()))
    if len(times) == len(positions):
        times = [time for time, position in zip(times, positions, strict=True) if position]
    else:
        times = []
    positions = [position for position in positions if position]
    # Somebody who stood still is a point: a line needs two positions.
    words.parts.append((Kind.POINT if len(positions) == 1 else Kind.LINE, [" ".join(positions)]))
    words.track_times.append(tuple(times))
