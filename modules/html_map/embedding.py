"""Texts and data inside a page, where whatever they hold stays text.

HTML Living Standard, 13.2.5.1 (data state) and 13.2.5.15 to 13.2.5.31 (script data): text ends at `<` and `&`, a
script ends at `</script` and may change its meaning at `<!--` and `<script`. Without `<` there is none of these.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Any, Final

import msgspec

#: As JSON writes them, so that what is read is the same.
_ESCAPED: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def escaped(text: str) -> str:
    """Escape a text for HTML, inside an element or a quoted attribute; characters that HTML does not know are left out.

    A NUL would become another character, a carriage return a line feed: neither belongs into a name.
    """
    return html.escape(text.replace("\0", "").replace("\r", " "), quote=True)


def isolated(text: str) -> str:
    """Escape a text that came from outside; one that turns its direction does not turn what stands beside it."""
    return f"<bdi>{escaped(text)}</bdi>"


def script_json(value: Any) -> str:
    """Write a value as JSON for a script element; in JSON these characters stand inside texts only."""
    json = msgspec.json.encode(value).decode()
    for character, written in _ESCAPED.items():
        json = json.replace(character, written)
    return json


def data_uri(content: bytes, kind: str) -> str:
    """Write a file as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def script_hash(script: str) -> str:
    """Name a script by its hash, as a Content-Security-Policy does (CSP Level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
