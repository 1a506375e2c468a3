"""What stands around the placemarks of a KML document (OGC KML 2.2, 9.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from modules.kmz.writing.text import escaped

NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
TAIL: Final = b"</Document>\n</kml>\n"


def document_head(title: str, snippet: str, styles: Iterable[str] = ()) -> bytes:
    """Begin a document; its styles are elements already, `title` and `snippet` are plain text."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{NAMESPACE}">\n<Document><name>{escaped(title)}</name>'
        f'<open>1</open><Snippet maxLines="2">{escaped(snippet)}</Snippet>\n'
        f"{''.join(styles)}\n"
    ).encode()
