"""KMZ and KML that are looked at: uploads and products of ours, each read once and kept once for all sessions.

A preview has a token that nobody can guess. That of an upload leads to the file on the disk, for a day; that of a
product to the file as it is now, so a new file is a new preview. What is looked at least recently leaves the memory
first, and is read again when somebody asks for it.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from hashlib import blake2b
from pathlib import PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING, Final

from app.services.asked import Asked
from app.services.catalog import find_download
from app.services.kept import Kept
from modules.errors import RequestError
from modules.i18n import N_
from modules.storage.uploads import find_upload, is_token, keep_upload

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from modules.environments import Environment
    from modules.kmz_preview.preview import Preview
    from modules.settings import Settings

SUFFIXES: Final = (".kmz", ".kml")
_MB: Final = 1_000_000
#: Pictures written anew: browsers keep them, so few are asked for twice.
_PICTURE_BYTES: Final = 64 * _MB
#: Products whose tokens are known at a time.
_PRODUCTS: Final = 2_000
_TOKEN_BYTES: Final = 16


def can_preview(name: str) -> bool:
    """Tell by a file's name whether it can be looked at."""
    return PurePosixPath(name).suffix.casefold() in SUFFIXES


class Previews:
    """The previews of one home."""

    def __init__(self, home: Path, memory: int, disk: int) -> None:
        self._home = home
        self._disk = disk
        self._secret = secrets.token_bytes(32)
        #: One file is read at a time, and one picture written: both take memory.
        self._previews: Asked[Preview] = Asked(memory, lambda preview: preview.weight, name="previews")
        self._pictures: Kept[tuple[bytes, str]] = Kept(_PICTURE_BYTES)
        self._products: Kept[tuple[Environment, str]] = Kept(_PRODUCTS)
        self._writing = Lock()

    def open_upload(self, name: str, content: bytes) -> str:
        """Read what somebody uploaded and keep it, and give its token.

        Raises RequestError for another kind of file, KmlRefused and KmlUnreadable for what cannot be shown,
        StorageError for a full disk; nothing is kept of those.
        """
        _require_kmz(name)
        preview = self._previews.run(lambda: _read(content, name))
        token = keep_upload(self._home, name, content, self._disk)
        self._previews.put(token, preview)
        return token

    def open_product(self, environment: Environment, path: str) -> str:
        """Give the token of a file below an output root, which is read when somebody asks for its preview.

        Raises RequestError for what is not there or no KMZ.
        """
        token = self._token(environment, path)
        self._products.put(token, (environment, path), 1)
        return token

    def find(self, token: str) -> Preview:
        """Give a preview by its token, and wait for it.

        Raises RequestError for one that is no more, KmlRefused and KmlUnreadable for a file that cannot be shown.
        """
        return self.ask(token).result()

    def ask(self, token: str) -> Future[Preview]:
        """Ask for a preview by its token: it may be on its way. The future raises KmlRefused and KmlUnreadable.

        Raises RequestError for one that is no more.
        """
        if not is_token(token):
            raise _gone()
        product = self._products.get(token)
        if product is None:
            path = find_upload(self._home, token)
            return self._previews.ask(token, lambda: _read(path, path.name))
        if self._token(*product) != token:
            raise RequestError(
                N_("“{name}” has been replaced by a newer one. Reload the page to see it."),
                name=PurePosixPath(product[1]).name,
            )
        found = find_download(self._home, *product)
        return self._previews.ask(token, lambda: _read(found, PurePosixPath(product[1]).name))

    def close(self) -> None:
        """Read no more: the server stops."""
        self._previews.close()

    def require(self, token: str) -> None:
        """Raise RequestError for a token that leads nowhere any more, whatever of it is still in memory."""
        product = self._products.get(token) if is_token(token) else None
        if product is None:
            find_upload(self._home, token)
        elif self._token(*product) != token:
            raise _gone()

    def picture(self, token: str, number: int) -> tuple[bytes, str]:
        """Give a picture of a preview and its media type. Raises RequestError for what is not there or damaged."""
        pictures = self.find(token).pictures
        if not 0 <= number < len(pictures):
            raise RequestError(N_("There is no such image in this file."))
        from modules.kmz_preview.pictures import written_anew

        key = token, number
        made = self._pictures.get(key)
        if made is None:
            with self._writing:
                made = self._pictures.get(key) or written_anew(pictures[number])
                self._pictures.put(key, made, len(made[0]))
        return made

    def _token(self, environment: Environment, path: str) -> str:
        """Make the token of a file as it is now. Raises RequestError."""
        found = find_download(self._home, environment, path)
        _require_kmz(PurePosixPath(path).name)
        status = found.stat()
        told = f"{environment}\0{path}\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}"
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=_TOKEN_BYTES, key=self._secret).hexdigest()


def _read(source: Path | bytes, name: str) -> Preview:
    from modules.kmz_preview.preview import read_preview

    return read_preview(source, name)


def _require_kmz(name: str) -> None:
    if not can_preview(name):
        raise RequestError(N_("“{name}” is no KMZ or KML. Choose one to look at."), name=name)


def _gone() -> RequestError:
    return RequestError(N_("There is no such preview. Open the file again."))


def shared(settings: Settings) -> Previews:
    """Give the previews of an installation, the same for all its sessions."""
    return _shared(settings.home, settings.preview_memory_mb * _MB, settings.preview_disk_mb * _MB)


@lru_cache(maxsize=4)
def _shared(home: Path, memory: int, disk: int) -> Previews:
    return Previews(home, memory, disk)
