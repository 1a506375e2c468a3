"""What is known of an XML file before it is read: its encoding, that it has no DOCTYPE, that its root is one of KML.

A DOCTYPE is the way to all attacks by entities. It is found by the parser itself, which tells of it before it looks at
what is in it, so that no way of writing it can be overlooked.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from modules.i18n import N_
from modules.kmz.reading.elements import local_name
from modules.kmz.reading.refusals import KmlRefused, KmlUnreadable, shown

#: Options of every parser here: it resolves no entities, loads nothing and opens no connection in any case.
SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
#: A prolog is seldom longer.
_PIECE: Final = 4_000
_ROOTS: Final = frozenset(("kml", "Document", "Folder", "Placemark", "GroundOverlay", "NetworkLink"))
#: Encodings in which `<` is the byte `<`, so that tags can be counted before they are parsed; UTF-16 has it too.
_ENCODINGS: Final = re.compile(r"(utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d)")
_DECLARED: Final = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
#: UTF-16 without a mark.
_WIDE: Final = (b"<\x00", b"\x00<")
_UNDECLARED_PREFIX: Final = etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE
#: libxml2's XML_ERR_RESOURCE_LIMIT, which lxml has no name for.
_TOO_MUCH: Final = 114


class Broken(Exception):
    """The parser cannot go on: at which line, and whether a limit of its own was met.

    `serious` tells whether there is more than prefixes that nobody declared, which are forgiven.
    """

    def __init__(self, parser: etree.XMLParser | etree.XMLPullParser) -> None:
        super().__init__()
        # The error that lxml raises tells the first trouble, and its log those of other files.
        log: Any = parser.feed_error_log
        entries = [entry for entry in log if entry.type != _UNDECLARED_PREFIX]
        self.serious = bool(entries)
        self.line = entries[0].line if entries else 1
        self.too_much = any(entry.type == _TOO_MUCH for entry in entries)


def check_encoding(content: bytes, file: str) -> None:
    """Refuse what cannot be XML, and encodings in which tags cannot be counted beforehand."""
    if not content:
        raise KmlUnreadable(N_("“{file}” is empty. Save or send it again."), file=file)
    if not content.startswith((b"<", *_BOMS, *_WIDE)):
        raise KmlUnreadable(
            N_("“{file}” is neither a KMZ nor a KML. Choose a file that Google Earth opens."), file=file
        )
    declared = _DECLARED.match(content)
    if declared and not _ENCODINGS.fullmatch(declared[1].decode("ascii").casefold()):
        raise KmlUnreadable(
            N_("“{file}” is written in an encoding that is not read here ({encoding}). Save it as UTF-8."),
            file=file,
            encoding=declared[1].decode("ascii"),
        )


def check_prolog(content: bytes, file: str, encoding: str | None = None) -> None:
    """Parse up to the first element: no DOCTYPE may stand before it, and it must be one of KML."""
    prolog = _Prolog()
    # The stubs want all methods of a target; lxml calls those that are there.
    parser = etree.XMLParser(target=prolog, encoding=encoding, **SAFE)  # type: ignore[arg-type]
    try:
        for start in range(0, len(content), _PIECE):
            parser.feed(content[start : start + _PIECE])
            if prolog.doctype_found or prolog.root is not None:
                break
    except _PrologEnd:
        pass
    except etree.XMLSyntaxError:
        if encoding is None and not is_utf8(content):
            return
        raise explained(Broken(parser), file) from None
    if prolog.doctype_found:
        raise KmlRefused(
            N_("“{file}” was not opened: it has a DOCTYPE, which no KML needs. Ask its author to save it again."),
            file=file,
        )
    if prolog.root is not None and local_name(prolog.root) not in _ROOTS:
        raise KmlUnreadable(
            N_("“{file}” is XML, but no KML: it begins with <{root}>. Choose a KMZ or a KML."),
            file=file,
            root=shown(prolog.root.rpartition("}")[2]),
        )


def explained(broken: Broken, file: str) -> KmlRefused | KmlUnreadable:
    """Say it in a sentence."""
    if broken.too_much:
        return KmlRefused(
            N_("“{file}” was not opened: line {line} is too long or nested too deep. Split it and try again."),
            file=file,
            line=broken.line,
        )
    return KmlUnreadable(
        N_("“{file}” is broken at line {line}. Save it again in the program that made it, and try once more."),
        file=file,
        line=broken.line,
    )


def is_utf8(content: bytes) -> bool:
    """Tell whether the bytes are what they claim, if they claim UTF-8 or nothing; anything else is left to libxml2."""
    declared = _DECLARED.match(content)
    if content.startswith(_BOMS[1:]) or content[:2] in _WIDE:
        return True
    if declared and declared[1].decode("ascii").casefold() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class _PrologEnd(Exception):
    """The parser may stop."""


class _Prolog:
    """What the parser calls: the DOCTYPE comes before its contents are read, the root before its own."""

    def __init__(self) -> None:
        self.doctype_found = False
        self.root: str | None = None

    def doctype(self, *_declaration: object) -> None:
        self.doctype_found = True
        raise _PrologEnd

    def start(self, tag: str, _attributes: object) -> None:
        self.root = tag
        raise _PrologEnd

    def close(self) -> None:
        """Nothing was built."""
