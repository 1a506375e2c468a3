"""Current files change in two moves: all of them are written under temporary names, then each takes its place.

What can fail for want of room fails in the first move, before the snapshot itself has its name. An index in each
folder remembers the files that are ours, so that a crop that is gone goes away and nobody else's file ever does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from modules.domain.season import Season
from modules.errors import StorageError
from modules.i18n import N_
from modules.snapshots.products import PRODUCT_FOLDERS, Product
from modules.storage.atomic import remove, replace_bytes, sweep, sync_file, sync_folder, temporary_beside
from modules.storage.retries import patiently
from modules.storage.roots import Folder

_OWNER: Final = "respaldo-"


class _Index(msgspec.Struct):
    """The files of one season that a backup made in a folder: name to what it was called before that was made safe."""

    files: dict[str, str] = {}


class Publication:
    """The current files of a season, from staging to their places. `stage` may be called from several threads."""

    def __init__(self, root: Path, season: Season) -> None:
        self._root = root
        self._season = season
        self._staged: defaultdict[Folder, dict[str, tuple[Path, str]]] = defaultdict(dict)
        self._lock = Lock()

    def stage(self, products: Iterable[Product]) -> None:
        """Write products under temporary names and wait until they are on the disk."""
        for product in products:
            target = self._root / product.folder / product.name
            temporary = temporary_beside(target, owner=self._owner)
            with self._lock:
                self._staged[product.folder][product.name] = temporary, product.title
            product.write(temporary)
            sync_file(temporary)

    def require_replaceable(self) -> None:
        """Raise StorageError while a file that is to be replaced or removed is open in another program."""
        for folder in PRODUCT_FOLDERS:
            for name in {*self._staged[folder], *self._read_index(folder).files}:
                _require_replaceable(self._root / folder / name)

    def commit(self) -> list[Path]:
        """Give every staged file its place, then remove those of ours that are no more. Tells the files in place."""
        return [path for folder in PRODUCT_FOLDERS for path in self._commit_folder(folder)]

    def discard(self) -> None:
        """Remove what was staged and has no place yet; what cannot be removed is swept at the next start."""
        for folder in self._staged.values():
            for temporary, _ in folder.values():
                with suppress(OSError, StorageError):
                    remove(temporary)

    def sweep(self) -> None:
        """Remove what a crash left. Only for the one who holds the lock of the season's snapshot of all farms."""
        sweep([self._root / folder for folder in PRODUCT_FOLDERS], owner=self._owner)

    def _commit_folder(self, folder: Folder) -> list[Path]:
        place, staged = self._root / folder, self._staged[folder]
        ours = self._read_index(folder).files
        titles = {name: title for name, (_, title) in staged.items()}
        # Before a file has its place the index knows it: a crash leaves no file that nobody owns.
        self._write_index(folder, ours | titles)
        for name, (temporary, _) in staged.items():
            target = place / name
            patiently(lambda temporary=temporary, target=target: temporary.replace(target), target)  # type: ignore[misc]
        for name in ours.keys() - titles.keys():
            remove(place / name)
        self._write_index(folder, titles)
        sync_folder(place)
        return [place / name for name in staged]

    @property
    def _owner(self) -> str:
        return f"{_OWNER}{self._season.folder}-"

    def _index_path(self, folder: Folder) -> Path:
        return self._root / folder / f".tranquera-respaldo-{self._season.folder}.json"

    def _read_index(self, folder: Folder) -> _Index:
        try:
            return msgspec.json.decode(self._index_path(folder).read_bytes(), type=_Index)
        except (FileNotFoundError, msgspec.DecodeError):  # a damaged index makes files stay, never go
            return _Index()

    def _write_index(self, folder: Folder, files: dict[str, str]) -> None:
        replace_bytes(self._index_path(folder), msgspec.json.format(msgspec.json.encode(_Index(files))))


def _require_replaceable(path: Path) -> None:
    if not path.exists():
        return
    try:
        patiently(lambda: path.open("r+b").close(), path)
    except StorageError as error:
        raise StorageError(
            N_("“{file}” is open in another program. Nothing was changed. Close it and run again."), file=path.name
        ) from error
