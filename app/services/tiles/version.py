"""The version of what makes tiles: it changes when the program makes others of the same source."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Final

from modules.settings import PROJECT

#: Of what tiles are made: their own code, that of changes and cells, and the words that changes are told in.
_MAKERS: Final = (
    *("app/services/tiles/*.py", "modules/tiles/*.py", "modules/changes/*.py", "modules/h3_grid/*.py"),
    "modules/i18n/locales/*/*.po",
)


@cache
def tiles_version() -> str:
    """Give a mark of the code that makes tiles, for addresses whose answers browsers keep for good."""
    mark = blake2b(digest_size=6)
    for path in sorted(each for pattern in _MAKERS for each in PROJECT.glob(pattern)):
        content = path.read_bytes()
        mark.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return mark.hexdigest()
