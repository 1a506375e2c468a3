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
from modules.storage.atomic import remove, sweep, sync_files, sync_folder, temporary_beside
from modules.storage.retries import patiently
from modules.storage.roots import Folder

_OWNER: Final = "respaldo-"


class _Entry(msgspec.Struct, frozen=True):
    """A file that a backup made: what it was called before that was made safe, and what tells that it is unchanged."""

    title: str
    fingerprint: str = ""
    bytes: int = 0
    modified_ns: int = 0

    def describes(self, path: Path) -> bool:
        """Tell whether nobody touched the file since."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.bytes, self.modified_ns)


class _Index(msgspec.Struct):
    """The files of one season that a backup made in a folder, by name."""

    files: dict[str, _Entry] = {}


class Publication:
    """The current files of a season, from staging to their places. `stage` may be called from several threads."""

    def __init__(self, root: Path, season: Season) -> None:
        self._root = root
        self._season = season
        self._lock = Lock()
        self._temporaries: list[Path] = []
        #: What our files of each folder will be.
        self._files: defaultdict[Folder, dict[str, _Entry]] = defaultdict(dict)
        self._moves: list[tuple[Path, Path]] = []
        self._gone: list[Path] = []
        self._last_moves: list[tuple[Path, Path]] = []

    def stage(self, products: Iterable[Product]) -> None:
        """Write products under temporary names, but for those that stand in their place already."""
        known: dict[Folder, dict[str, _Entry]] = {}
        for product in products:
            if product.folder not in known:
                known[product.folder] = self._read_index(product.folder)
            target = self._root / product.folder / product.name
            entry = known[product.folder].get(product.name)
            if entry and product.fingerprint and entry.fingerprint == product.fingerprint and entry.describes(target):
                self._files[product.folder][product.name] = entry
            else:
                self._files[product.folder][product.name] = self._write(product, target)

    def prepare(self) -> None:
        """Do all that may still fail: write the indexes, wait for the disk, find files that are open elsewhere.

        Raises StorageError, with nothing changed.
        """
        first_moves = []
        for folder in PRODUCT_FOLDERS:
            ours, files = self._read_index(folder), self._files[folder]
            self._gone += [self._root / folder / name for name in ours.keys() - files.keys()]
            # Before a file has its place the index knows it: a crash leaves no file that nobody owns.
            first_moves.append(self._stage_index(folder, ours | files))
            self._last_moves.append(self._stage_index(folder, files))
        for path in (*self._gone, *(target for _, target in self._moves)):
            _require_replaceable(path)
        self._moves[:0] = first_moves
        sync_files(self._temporaries)

    def commit(self) -> dict[str, int]:
        """Give every staged file its place, then remove those of ours that are no more.

        Tells how many current files each folder holds.
        """
        for temporary, target in self._moves:
            _move(temporary, target)
        for path in self._gone:
            remove(path)
        for temporary, target in self._last_moves:
            _move(temporary, target)
        for folder in PRODUCT_FOLDERS:
            sync_folder(self._root / folder)
        return {folder.value: len(self._files[folder]) for folder in PRODUCT_FOLDERS}

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

    def _write(self, product: Product, target: Path) -> _Entry:
        temporary = self._temporary(target)
        product.write(temporary)
        with self._lock:
            self._moves.append((temporary, target))
        status = temporary.stat()
        return _Entry(product.title, product.fingerprint, status.st_size, status.st_mtime_ns)

    def _temporary(self, target: Path) -> Path:
        temporary = temporary_beside(target, owner=self._owner)
        with self._lock:
            self._temporaries.append(temporary)
        return temporary

    def _index_path(self, folder: Folder) -> Path:
        return self._root / folder / f".tranquera-respaldo-{self._season.folder}.json"

    def _read_index(self, folder: Folder) -> dict[str, _Entry]:
        try:
            files = msgspec.json.decode(self._index_path(folder).read_bytes(), type=_Index).files
        except (FileNotFoundError, msgspec.DecodeError):  # a damaged index makes files stay, never go
            return {}
        return {name: entry for name, entry in files.items() if name == Path(name).name}

    def _stage_index(self, folder: Folder, files: dict[str, _Entry]) -> tuple[Path, Path]:
        target = self._index_path(folder)
        temporary = self._temporary(target)
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(_Index(files))))
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
