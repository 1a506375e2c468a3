"""Files that somebody uploads to look at: as they came, each in a folder whose name nobody can guess, for a day."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.storage.atomic import remove
from modules.storage.roots import uploads_of
from modules.storage.safe_names import safe_name

_TOKEN_BYTES: Final = 16
_TOKEN: Final = re.compile(rf"[0-9a-f]{{{2 * _TOKEN_BYTES}}}", re.ASCII)
_KEPT_S: Final = 24 * 3600


def is_token(text: str) -> bool:
    """Tell whether a text could be a token."""
    return _TOKEN.fullmatch(text) is not None


def keep_upload(home: Path, name: str, content: bytes, room: int) -> str:
    """Keep a file, and give the token by which it is found. Old ones go away, and more of them where `room` is short.

    name: as it was uploaded; room: bytes that all uploads may take
    Raises StorageError where the disk does not take it.
    """
    sweep_uploads(home, room - len(content))
    token = secrets.token_hex(_TOKEN_BYTES)
    place = uploads_of(home) / token
    suffix = PurePosixPath(name).suffix
    try:
        place.mkdir(parents=True)
        (place / safe_name(name.removesuffix(suffix), suffix)).write_bytes(content)
    except OSError as error:
        with suppress(OSError, StorageError):
            remove(place)
        raise StorageError(
            N_("There is no room to look at “{name}”. Check that the disk has space and may be written to."), name=name
        ) from error
    return token


def find_upload(home: Path, token: str) -> Path:
    """Find the file of a token. Raises RequestError for every other text, and for what is not there any more."""
    place = uploads_of(home) / token
    if is_token(token) and place.is_dir() and not place.is_symlink() and not _is_old(place):
        for path in place.iterdir():
            if path.is_file() and not path.is_symlink():
                return path
    raise RequestError(N_("This preview has expired: uploaded files are kept for a day. Upload the file again."))


def sweep_uploads(home: Path, room: int | None = None) -> None:
    """Remove what is older than a day, and the oldest until the others fit in `room` bytes."""
    places = []
    for place in uploads_of(home).glob("*"):
        with suppress(OSError):
            places.append((place.stat().st_mtime, sum(each.stat().st_size for each in place.iterdir()), place))
    taken = 0
    for _modified, size, place in sorted(places, key=lambda each: each[0], reverse=True):
        taken += size
        if _is_old(place) or (room is not None and taken > room):
            with suppress(OSError, StorageError):
                remove(place)


def _is_old(place: Path) -> bool:
    try:
        return time.time() - place.stat().st_mtime > _KEPT_S
    except OSError:
        return True
