"""One pass over the XML: each feature is read when it is complete, then its elements are thrown away.

So a file costs the memory of what is kept of it, and of its largest feature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from modules.i18n import N_
from modules.kmz.reading.elements import inner_text, is_true, local_name, text_of
from modules.kmz.reading.limits import Limits
from modules.kmz.reading.plain_text import plain_text
from modules.kmz.reading.prolog import SAFE, Broken, check_encoding, check_prolog, explained, is_utf8
from modules.kmz.reading.refusals import KmlRefused, shown

#: Bytes for the parser at once: few against the memory it may take, many against the cost of a call.
_PIECE: Final = 200_000
#: What old programs on Windows wrote while saying UTF-8.
_FALLBACK: Final = "windows-1252"
_CONTAINERS: Final = frozenset(("Document", "Folder"))
_FEATURES: Final = frozenset(("Placemark", "GroundOverlay", "NetworkLink"))
_STYLES: Final = frozenset(("Style", "StyleMap", "CascadingStyle"))
_NOT_SHOWN: Final = frozenset(("ScreenOverlay", "PhotoOverlay", "Tour", "NetworkLinkControl"))
_ITEMS: Final = _CONTAINERS | _FEATURES | _STYLES | _NOT_SHOWN
_TAGS: Final = (*(f"{{*}}{name}" for name in sorted(_ITEMS | {"kml"})), "gx:CascadingStyle", "gx:Tour")
#: What else a container may hold that a map has no use for (KML 2.2, clause 9).
_UNUSED: Final = frozenset(
    ("kml", "open", "author", "link", "address", "AddressDetails", "phoneNumber", "Snippet", "snippet", "LookAt",
     "Camera", "TimeStamp", "TimeSpan", "styleUrl", "Region", "Metadata", "ExtendedData", "Schema", "balloonVisibility")
)  # fmt: skip


@dataclass(slots=True)
class Node:
    """A container while it is read. The document itself has no parent and the number 0."""

    parent: Node | None
    number: int = 0
    name: str = ""
    description: str = ""
    visible: bool = True
    open: bool = False
    features: int = 0
    nodes: list[Node] = field(default_factory=list)

    def path(self) -> tuple[str, ...]:
        """Names of the folders down to this one, without the document's."""
        return () if self.parent is None else (*self.parent.path(), self.name)

    def shown(self) -> bool:
        """Tell whether it and all it lies in are switched on."""
        return self.visible and (self.parent is None or self.parent.shown())


#: Takes the name and element of a feature or style, and the container it lies in.
Take = Callable[[str, etree._Element, Node], None]


class Scanner:
    """Reads one KML. `skipped` counts what is not shown; `guessed` tells whether the encoding had to be guessed."""

    def __init__(self, file: str, limits: Limits, take: Callable[[], Take]) -> None:
        self._file = file
        self._limits = limits
        self._new_take = take
        self.skipped: Counter[str] = Counter()
        self.guessed = False
        self.root = Node(None)

    def scan(self, content: bytes) -> None:
        """Read all of it. Raises KmlRefused and KmlUnreadable."""
        # Blanks before the declaration are no XML, but many a script on the web writes them.
        content = content.lstrip()
        check_encoding(content, self._file)
        if _count_tags(content) > self._limits.tags:
            raise KmlRefused(
                N_("“{file}” was not opened: it has too many elements for here. Split it and try again."),
                file=self._file,
            )
        check_prolog(content, self._file)
        try:
            self._scan(content, None)
        except Broken as broken:
            if is_utf8(content):
                raise explained(broken, self._file) from None
            self.guessed = True
            check_prolog(content, self._file, _FALLBACK)
            try:
                self._scan(content, _FALLBACK)
            except Broken as still:
                raise explained(still, self._file) from None

    def _scan(self, content: bytes, encoding: str | None) -> None:
        self.root = Node(None)
        self.skipped.clear()
        _Pass(self, self._file, self._limits, self._new_take()).run(content, encoding)


def _count_tags(content: bytes) -> int:
    """Count what becomes an element, in the KML or, where it is escaped, in the HTML of its balloons."""
    return content.count(b"<") + content.count(b"&lt;")


class _Pass:
    """One run of the parser."""

    def __init__(self, scanner: Scanner, file: str, limits: Limits, take: Take) -> None:
        self._scanner = scanner
        self._file = file
        self._limits = limits
        self._take = take
        self._stack: list[tuple[etree._Element, Node]] = []
        self._counted = 0
        self._folders = 0
        self._ended = False
        #: Tags and attributes since the last feature was thrown away.
        self._pending = 0

    def run(self, content: bytes, encoding: str | None) -> None:
        parser = etree.XMLPullParser(("start", "end"), tag=_TAGS, encoding=encoding, **SAFE)
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            self._pending += _count_tags(piece) + piece.count(b"=")
            if self._pending > self._limits.tags_in_feature:
                raise KmlRefused(
                    N_("“{file}” was not opened: one thing in it is too large for here. Split it and try again."),
                    file=self._file,
                )
            try:
                parser.feed(piece)
            except etree.XMLSyntaxError:
                raise Broken(parser) from None
            self._take_events(parser)
        try:
            parser.close()
        except etree.XMLSyntaxError:
            broken = Broken(parser)
            if broken.serious or not self._ended:
                raise broken from None
        self._take_events(parser)

    def _take_events(self, parser: etree.XMLPullParser) -> None:
        for event, element in parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            name = local_name(element.tag)
            parent = element.getparent()
            if event == "start":
                if name in _CONTAINERS or name == "kml":
                    self._open(name, element, parent)
            elif self._stack and element is self._stack[-1][0]:
                self._close(element)
            elif self._is_current(parent) and name in _ITEMS:
                self._take_item(name, element)
                self._throw_away(element)
            if event == "end" and parent is None:
                self._ended = True

    def _is_current(self, parent: etree._Element | None) -> bool:
        return parent is None if not self._stack else parent is self._stack[-1][0]

    def _open(self, name: str, element: etree._Element, parent: etree._Element | None) -> None:
        """Go into a container that lies where containers may lie; not, for instance, in an Update."""
        if not self._is_current(parent):
            return
        above = self._stack[-1][1] if self._stack else self._scanner.root
        is_document = name == "Document" and above is self._scanner.root and len(self._stack) <= 1
        if name == "kml" or is_document:
            node = self._scanner.root
        else:
            self._folders += 1
            node = Node(above, self._folders)
            above.nodes.append(node)
        if len(self._stack) > self._limits.depth or self._folders > self._limits.folders:
            raise KmlRefused(
                N_("“{file}” was not opened: it has too many folders, or too deep ones. Split it and try again."),
                file=self._file,
            )
        self._stack.append((element, node))

    def _close(self, element: etree._Element) -> None:
        _element, node = self._stack.pop()
        for child in element:
            self._take_property(child, node)
        self._throw_away(element)

    def _take_item(self, name: str, element: etree._Element) -> None:
        node = self._stack[-1][1] if self._stack else self._scanner.root
        if name in _NOT_SHOWN:
            self._scanner.skipped[name] += 1
            return
        if name in _FEATURES:
            self._counted += 1
            if self._counted > self._limits.features:
                raise KmlRefused(
                    N_("“{file}” was not opened: it has more than {limit} features. Split it and try again."),
                    file=self._file,
                    limit=self._limits.features,
                )
        self._take(name, element, node)

    def _throw_away(self, element: etree._Element) -> None:
        """Empty the element and take away all before it. It stays itself: the parser still holds on to it."""
        element.clear(keep_tail=True)  # type: ignore[call-arg]
        self._pending = 0
        if not self._stack:
            return
        container, node = self._stack[-1]
        while (earlier := element.getprevious()) is not None:
            self._take_property(earlier, node)
            container.remove(earlier)

    def _take_property(self, element: etree._Element, node: Node) -> None:
        """Take what an element tells of the container it lies in."""
        name = local_name(element.tag)
        if name == "name":
            node.name = inner_text(element).strip()
        elif name == "description":
            node.description = plain_text(inner_text(element))
        elif name == "visibility":
            node.visible = is_true(text_of(element))
        elif name == "open":
            node.open = is_true(text_of(element))
        elif name and name not in _ITEMS and name not in _UNUSED:
            self._scanner.skipped[shown(name)] += 1
