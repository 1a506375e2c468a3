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
from modules.storage.atomic import remove, sweep, sync_file, sync_folder, temporary_beside
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
        self._lock = Lock()
        self._temporaries: list[Path] = []
        self._staged: defaultdict[Folder, dict[str, tuple[Path, str]]] = defaultdict(dict)
        self._moves: list[tuple[Path, Path]] = []
        self._gone: list[Path] = []
        self._last_moves: list[tuple[Path, Path]] = []

    def stage(self, products: Iterable[Product]) -> None:
        """Write products under temporary names and wait until they are on the disk."""
        for product in products:
            temporary = self._temporary(self._root / product.folder / product.name)
            with self._lock:
                self._staged[product.folder][product.name] = temporary, product.title
            product.write(temporary)
            sync_file(temporary)

    def prepare(self) -> None:
        """Do all that may still fail: write the indexes, find files that are open in another program.

        Raises StorageError, with nothing changed.
        """
        for folder in PRODUCT_FOLDERS:
            place, staged = self._root / folder, self._staged[folder]
            ours = self._read_index(folder).files
            titles = {name: title for name, (_, title) in staged.items()}
            for name in titles.keys() | ours.keys():
                _require_replaceable(place / name)
            # Before a file has its place the index knows it: a crash leaves no file that nobody owns.
            self._moves += [self._stage_index(folder, ours | titles)]
            self._moves += [(temporary, place / name) for name, (temporary, _) in staged.items()]
            self._gone += [place / name for name in ours.keys() - titles.keys()]
            self._last_moves += [self._stage_index(folder, titles)]

    def commit(self) -> list[Path]:
        """Give every staged file its place, then remove those of ours that are no more. Tells the files in place."""
        for temporary, target in self._moves:
            _move(temporary, target)
        for path in self._gone:
            remove(path)
        for temporary, target in self._last_moves:
            _move(temporary, target)
        for folder in PRODUCT_FOLDERS:
            sync_folder(self._root / folder)
        return [self._root / folder / name for folder, staged in self._staged.items() for name in staged]

    def discard(self) -> None:
        """Remove what was staged and has no place yet; what cannot be removed is swept at the next start."""
        for temporary in self._temporaries:
            with suppress(OSError, StorageError):
                remove(temporary)

    def sweep(self) -> None:
        """Remove what a crash left. Only for the one who holds the lock of the season's snapshot of all farms."""
        sweep([self._root / folder for folder in PRODUCT_FOLDERS], owner=self._owner)

    @property
    def _owner(self) -> str:
        return f"{_OWNER}{self._season.folder}-"

    def _temporary(self, target: Path) -> Path:
        temporary = temporary_beside(target, owner=self._owner)
        with self._lock:
            self._temporaries.append(temporary)
        return temporary

    def _index_path(self, folder: Folder) -> Path:
        return self._root / folder / f".tranquera-respaldo-{self._season.folder}.json"

    def _read_index(self, folder: Folder) -> _Index:
        try:
            return msgspec.json.decode(self._index_path(folder).read_bytes(), type=_Index)
        except (FileNotFoundError, msgspec.DecodeError):  # a damaged index makes files stay, never go
            return _Index()

    def _stage_index(self, folder: Folder, files: dict[str, str]) -> tuple[Path, Path]:
        target = self._index_path(folder)
        temporary = self._temporary(target)
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(_Index(files))))
        sync_file(temporary)
        return temporary, target


def _move(temporary: Path, target: Path) -> None:
    patiently(lambda: temporary.replace(target), target)


def _require_replaceable(path: Path) -> None:
    if not path.exists():
        return
    try:
        patiently(lambda: path.open("r+b").close(), path)
    except StorageError as error:
        raise StorageError(
            N_("“{file}” is open in another program. Nothing was changed. Close it and run again."), file=path.name
        ) from error
