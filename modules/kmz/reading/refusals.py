"""Files that are not read, as errors of the one tree. Both are a `RequestError` in a run's record.

RequestError
├── KmlRefused      it could be read, but does what an honest file does not, or is larger than the limits
└── KmlUnreadable   it is broken, or no KML at all
"""

from __future__ import annotations

from typing import Final

from modules.errors import RequestError

#: Of names that come from inside a file, no more than a sentence can hold.
_SHOWN_LETTERS: Final = 80


class KmlRefused(RequestError):
    """The file does what an honest one does not (paths out of the archive, a DOCTYPE …), or is too large."""


class KmlUnreadable(RequestError):
    """The file is broken, or is no KML at all."""


def shown(name: str) -> str:
    """Make a name from inside a file fit for a sentence: no control characters, not too long."""
    clean = "".join(letter if letter.isprintable() else "�" for letter in name[: _SHOWN_LETTERS + 1])
    return clean if len(clean) <= _SHOWN_LETTERS else clean[:_SHOWN_LETTERS] + "…"
