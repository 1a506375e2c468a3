"""Files made for somebody to fetch: each in a folder of its own, whose name nobody can guess, for a day."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.storage.atomic import remove
from modules.storage.listing import is_shown
from modules.storage.roots import exports_of

_TOKEN_BYTES: Final = 16
_TOKEN: Final = re.compile(rf"[0-9a-f]{{{2 * _TOKEN_BYTES}}}", re.ASCII)
_KEPT_S: Final = 24 * 3600


def new_place(home: Path) -> Path:
    """Make an empty folder for one file; its name is the token by which it is fetched. Old ones go away.

    Raises OSError.
    """
    root = exports_of(home)
    sweep_places(home)
    place = root / secrets.token_hex(_TOKEN_BYTES)
    place.mkdir(parents=True)
    return place


def sweep_places(home: Path) -> None:
    """Remove what was made more than a day ago; what cannot be removed now goes away later."""
    for place in exports_of(home).glob("*"):
        with suppress(OSError, StorageError):
            if time.time() - place.stat().st_mtime > _KEPT_S:
                remove(place)


def find_file(home: Path, token: str) -> Path:
    """Find the file of a token. Raises RequestError for every other text, and for what is not there any more."""
    place = exports_of(home) / token
    if _TOKEN.fullmatch(token) and place.is_dir() and not place.is_symlink():
        for path in place.iterdir():
            if is_shown(path.name) and path.is_file() and not path.is_symlink():
                return path
    raise RequestError(N_("This export is not here any more: they are kept for a day. Export it again."))
