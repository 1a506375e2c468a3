"""Elements of KML, found by their plain names whatever the namespace of their version is.

Google Earth and its kin wrote KML under `http://earth.google.com/kml/2.0` to `2.2`, the OGC under
`http://www.opengis.net/kml/2.2` (KML 2.2, 5.2), many under none; `gx:` elements are Google's, some of them standard
since KML 2.3. Names do not meet, so prefixes are dropped. What is of another namespace has no name here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lxml import etree

#: Namespace of `xml:id`-like attributes that Google Earth on the web writes: `kml:id`.
_KML_ID: Final = "{http://www.opengis.net/kml/2.2}id"
_TRUE: Final = frozenset(("1", "true"))
#: Bounded: a file may make up any number of names.
_NAMES_KEPT: Final = 1024


@lru_cache(maxsize=_NAMES_KEPT)
def local_name(tag: str) -> str:
    """Give the name of a tag of KML without namespace or prefix, "" for a tag of something else."""
    if tag.startswith("{"):
        namespace, _brace, name = tag[1:].partition("}")
        return name if "/kml" in namespace else ""
    # `gx:` without a declaration is taken for what it was meant to be.
    prefix, _colon, name = tag.rpartition(":")
    return name if prefix in ("", "gx", "kml") else ""


def children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Give name and element of each child that belongs to KML."""
    for child in element:
        name = local_name(child.tag)
        if name:
            yield name, child


def child_of(element: etree._Element, wanted: str) -> etree._Element | None:
    """Find the first child of that name."""
    return next((child for name, child in children(element) if name == wanted), None)


def text_of(element: etree._Element | None) -> str:
    """Give the text of an element that holds no others, without blanks around it; "" if there is none."""
    return "" if element is None else (element.text or "").strip()


def inner_text(element: etree._Element | None) -> str:
    """Give all text, also of tags that somebody forgot to escape, as HTML."""
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    pieces = [element.text or ""]
    pieces += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(pieces)


def id_of(element: etree._Element) -> str | None:
    """Give its id."""
    return element.get("id") or element.get(_KML_ID)


def is_true(text: str) -> bool:
    """Read an xsd:boolean."""
    return text.casefold() in _TRUE


def number_of(text: str) -> float | None:
    """Read an xsd:double; None for what is no number, NaN and infinity too."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
