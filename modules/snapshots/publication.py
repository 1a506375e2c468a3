"""Current files change in two moves: all of them are written under temporary names, then each takes its place.

What can fail for want of room fails in the first move, before the snapshot itself has its name. An index in each
folder remembers the files that are ours, so that a crop that is gone goes away and nobody else's file ever does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from modules.domain.season import Season
from modules.errors import StorageError
from modules.i18n import N_
from modules.snapshots.products import PRODUCT_FOLDERS, Product
from modules.snapshots.scope import Scope
from modules.storage.atomic import remove, sweep, sync_files, sync_folder, temporary_beside
from modules.storage.retries import patiently, require_replaceable
from modules.storage.roots import Folder

_OWNER: Final = "respaldo-"
#: How many files a failure names.
_NAMES_TOLD: Final = 5


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


class Staged(msgspec.Struct, frozen=True):
    """A product whose file is ready: under a temporary name, or, where that is empty, in its place already."""

    folder: Folder
    name: str
    entry: _Entry
    temporary: str = ""


def stage(root: Path, season: Season, products: Iterable[Product]) -> list[Staged]:
    """Write products under temporary names; files that hold the same already are left alone."""
    known = {folder: _read_index(root, folder, season) for folder in PRODUCT_FOLDERS}
    owner = _owner(season)
    return [_stage(root, owner, product, known[product.folder].get(product.name)) for product in products]


class Publication:
    """The current files of a season, from staging to their places. The lock of `scope` is held.

    That of some farms touches nothing: the current files are of all farms, and so are the temporaries beside them.
    """

    def __init__(self, root: Path, scope: Scope) -> None:
        self._root = root
        self._season = scope.season
        self._whole = scope.whole
        #: What our files of each folder will be.
        self._files: defaultdict[Folder, dict[str, _Entry]] = defaultdict(dict)
        self._first_moves: list[tuple[Path, Path]] = []
        self._moves: list[tuple[Path, Path]] = []
        self._gone: list[Path] = []
        self._last_moves: list[tuple[Path, Path]] = []

    def take(self, staged: Iterable[Staged]) -> None:
        """Take over what `stage` wrote, and wait until it is on the disk. Several threads may."""
        moves = []
        for each in staged:
            self._files[each.folder][each.name] = each.entry
            if each.temporary:
                folder = self._root / each.folder
                moves.append((folder / each.temporary, folder / each.name))
        sync_files(temporary for temporary, _ in moves)
        self._moves += moves

    def prepare(self) -> None:
        """Do all that may still fail: write the indexes, find files that are open elsewhere.

        Raises StorageError, with nothing changed.
        """
        for folder in PRODUCT_FOLDERS:
            ours, files = _read_index(self._root, folder, self._season), self._files[folder]
            self._gone += [self._root / folder / name for name in ours.keys() - files.keys()]
            # Before a file has its place the index knows it: a crash leaves no file that nobody owns.
            self._first_moves.append(self._stage_index(folder, ours | files))
            self._last_moves.append(self._stage_index(folder, files))
        for path in (*self._gone, *(target for _, target in self._moves)):
            require_replaceable(path)
        sync_files(index for index, _ in (*self._first_moves, *self._last_moves))

    def commit(self) -> dict[str, int]:
        """Give every staged file its place, then remove those of ours that are no more.

        Tells how many current files each folder holds. By now the snapshot itself is published: one file that cannot
        be replaced does not keep the others from it, the StorageError at the end names it, and the next backup tries
        again.
        """
        failed: dict[Path, Exception] = {}
        for temporary, target in self._first_moves:
            _attempt(failed, _move, temporary, target)
        if not failed:  # a file that no index knows would be nobody's
            for temporary, target in self._moves:
                _attempt(failed, _move, temporary, target)
            for path in self._gone:
                if not self._is_kept(path):
                    _attempt(failed, remove, path)
        if not failed:  # else the index has to remember all of them
            for temporary, target in self._last_moves:
                _attempt(failed, _move, temporary, target)
            for folder in PRODUCT_FOLDERS:
                _attempt(failed, sync_folder, self._root / folder)
        if failed:
            raise _not_replaced(failed)
        return {folder.value: len(self._files[folder]) for folder in PRODUCT_FOLDERS}

    def discard(self) -> None:
        """Remove what was staged and has no place yet; what cannot be removed is swept at the next start."""
        with suppress(OSError, StorageError):
            self.sweep()

    def sweep(self) -> None:
        """Remove what a crash left, unless it may be of a backup of all farms that runs meanwhile."""
        if not self._whole:
            return
        sweep([self._root / folder for folder in PRODUCT_FOLDERS], owner=_owner(self._season))

    def _is_kept(self, gone: Path) -> bool:
        """Tell whether a name that is gone still means one of our files, as `Maíz` does `MAÍZ` on Windows."""
        names = self._files[Folder(gone.parent.name)]
        twins = [gone.with_name(name) for name in names if name.casefold() == gone.name.casefold()]
        return gone.exists() and any(twin.exists() and gone.samefile(twin) for twin in twins)

    def _stage_index(self, folder: Folder, files: dict[str, _Entry]) -> tuple[Path, Path]:
        target = _index_path(self._root, folder, self._season)
        temporary = temporary_beside(target, owner=_owner(self._season))
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(_Index(files))))
        return temporary, target


def _owner(season: Season) -> str:
    return f"{_OWNER}{season.folder}-"


def _index_path(root: Path, folder: Folder, season: Season) -> Path:
    return root / folder / f".tranquera-respaldo-{season.folder}.json"


def _read_index(root: Path, folder: Folder, season: Season) -> dict[str, _Entry]:
    try:
        files = msgspec.json.decode(_index_path(root, folder, season).read_bytes(), type=_Index).files
    except (FileNotFoundError, msgspec.DecodeError):  # a damaged index makes files stay, never go
        return {}
    return {name: entry for name, entry in files.items() if name == Path(name).name}


def _stage(root: Path, owner: str, product: Product, known: _Entry | None) -> Staged:
    target = root / product.folder / product.name
    if known and product.fingerprint and known.fingerprint == product.fingerprint and known.describes(target):
        return Staged(product.folder, product.name, known)
    temporary = temporary_beside(target, owner)
    product.write(temporary)
    status = temporary.stat()
    entry = _Entry(product.title, product.fingerprint, status.st_size, status.st_mtime_ns)
    return Staged(product.folder, product.name, entry, temporary.name)


def _move(temporary: Path, target: Path) -> None:
    patiently(lambda: temporary.replace(target), target)


def _attempt(failed: dict[Path, Exception], action: Callable[..., None], *paths: Path) -> None:
    """Do `action` on `paths`; its failure is remembered under the last of them."""
    try:
        action(*paths)
    except (OSError, StorageError) as error:
        failed[paths[-1]] = error


def _not_replaced(failed: dict[Path, Exception]) -> StorageError:
    names = [path.name for path in failed]
    told = ", ".join(names[:_NAMES_TOLD]) + (", …" if len(names) > _NAMES_TOLD else "")
    error = StorageError(
        N_(
            "The backup was saved; these current files were not replaced: {files}. Close them where they are open and "
            "run again."
        ),
        files=told,
    )
    error.__cause__ = next(iter(failed.values()))
    return error
