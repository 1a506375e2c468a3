"""HTML of balloons as plain text: nothing of it can act, whatever shows it."""

from __future__ import annotations

from functools import cache
from typing import Final

from lxml import etree

#: What is no text, or acts; gone with all that is in it.
_DROPPED: Final = ("script", "style", "head", "template", "iframe", "object", "noscript", "svg", "math")
#: Elements that begin and end on a line of their own.
_BLOCKS: Final = frozenset(
    ("address", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
     "ol", "p", "pre", "section", "table", "tbody", "tr", "ul")
)  # fmt: skip
#: A break has no end, and rows and items follow each other without a gap.
_ONE_BREAK: Final = frozenset(("br", "hr", "li", "tr"))
_CELLS: Final = frozenset(("td", "th"))


def plain_text(html: str) -> str:
    """Turn HTML into its text: a line for each block or row, a tab between cells. Plain text stays as it is.

    Scripts, styles and tags are dropped. What comes back is text, not HTML: `&lt;` in comes back as `<`.
    """
    if "<" not in html and "&" not in html:
        return _tidied(html)
    try:
        root = etree.fromstring(html.encode(), _parser())
    except etree.XMLSyntaxError:  # nothing in it, or nested beyond measure
        return ""
    if root is None:
        return ""
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        _write(event, element, pieces)
    return _tidied("".join(pieces))


@cache
def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)


def _write(event: str, element: etree._Element, pieces: list[str]) -> None:
    tag = element.tag
    if tag in _BLOCKS and not (tag in _ONE_BREAK and event == "end"):
        pieces.append("\n")
    elif tag in _CELLS and event == "end":
        pieces.append("\t")
    text = element.text if event == "start" else element.tail
    if text:
        # In HTML the end of a line is a blank.
        pieces.append(text if tag == "pre" and event == "start" else text.replace("\n", " "))


def _tidied(text: str) -> str:
    """Take away blanks at the ends of lines, several in a row, and empty lines but for one."""
    kept: list[str] = []
    for line in text.splitlines():
        words = " ".join(word for word in line.split(" ") if word).strip()
        if words or (kept and kept[-1]):
            kept.append(words)
    return "\n".join(kept).strip()
