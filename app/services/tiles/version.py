"""The version of what makes tiles: it changes when the program makes others of the same source."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from modules import tiles

_MAKERS: Final = (Path(tiles.__file__).parent, Path(__file__).parent)


@cache
def tiles_version() -> str:
    """Give a mark of the code that makes tiles, for addresses whose answers browsers keep for good."""
    mark = blake2b(digest_size=6)
    for path in sorted(each for folder in _MAKERS for each in folder.glob("*.py")):
        content = path.read_bytes()
        mark.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return mark.hexdigest()
