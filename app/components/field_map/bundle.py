"""The built files that the browser loads: `/map/{version}/{file}`, another version when one of them changes."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "bundle"
ENTRY: Final = "field_map.js"

#: A browser runs a module only under this type, which the system's own table may call otherwise.
_SCRIPT: Final = "text/javascript"


@cache
def version() -> str:
    """Tell the version of the files: a mark of all that they hold."""
    mark = blake2b(digest_size=8)
    for name, path in sorted(_files().items()):
        content = path.read_bytes()
        mark.update(f"{name}\0{len(content)}\0".encode() + content)
    return mark.hexdigest()


def address(name: str = ENTRY) -> str:
    """Tell the address of a file."""
    return f"/map/{version()}/{name}"


def find(name: str) -> tuple[bytes, str]:
    """Read a file and tell its media type. Raises KeyError for what is no file of the bundle."""
    return _files()[name].read_bytes(), _SCRIPT


@cache
def _files() -> dict[str, Path]:
    """List the files by name: an address chooses among them, it names no path."""
    return {path.name: path for path in sorted(FOLDER.glob("*.js"))}
