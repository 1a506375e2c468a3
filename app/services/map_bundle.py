"""The map's component as the browser loads it: its files, under an address that changes when one of them does."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from modules.errors import RequestError
from modules.i18n import N_
from modules.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = PROJECT / "app" / "components" / "field_map" / "bundle"


@cache
def version() -> str:
    """Tell the version of the files: a mark of all that they hold."""
    mark = blake2b(digest_size=8)
    for name, path in sorted(_files().items()):
        content = path.read_bytes()
        mark.update(f"{name}\0{len(content)}\0".encode() + content)
    return mark.hexdigest()


def address(name: str) -> str:
    """Tell the address of a file of the bundle."""
    return f"/map/{version()}/{name}"


def find(asked: str, name: str) -> Path:
    """Find a file of the bundle by its version and name. Raises RequestError for every other address."""
    path = _files().get(name) if asked == version() else None
    if path is None:
        raise RequestError(N_("This part of the map is not here: the program has been updated. Reload the page."))
    return path


@cache
def _files() -> dict[str, Path]:
    """List the files by their names below the folder: an address chooses among them, it names no path."""
    found = sorted(path for path in FOLDER.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(FOLDER).as_posix(): path for path in found}
