"""Files of a folder that change all together: the folder holds the old ones or the new ones, whatever happens.

The folder itself may be a link or a mount and holds things of other people, so it cannot be swapped; its files are
(`docs/decisions/0005-kmz-folders.md`):

    .tmp-<owner>-<hex>/    new files, numbered, and the plan of their names; left by a crash, it is removed
    .cambio-<owner>/       the same once it is decided, by one rename; left by a crash, the change is carried through
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.atomic import remove, sweep, sync_files, sync_folder, temporary_beside
from modules.storage.retries import patiently, require_replaceable

_DECIDED: Final = ".cambio-"
_PLAN: Final = "plan.json"
_OLD: Final = "anterior"


class _Plan(msgspec.Struct, frozen=True):
    """names: what staged file i will be called, in the order in which they take their places; gone: what goes away."""

    names: list[str]
    gone: list[str]


class Replacement:
    """New files for a folder, staged inside it. Only for the one who holds the lock of `owner`."""

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder = folder
        self._owner = owner
        self._staging = temporary_beside(folder / "x", owner=f"{owner}-")
        self._staging.mkdir()
        self._names: list[str] = []

    def stage(self, name: str) -> Path:
        """Tell where to write the file that will be called `name`; the order of calls is that of the change."""
        self._names.append(name)
        return _staged(self._staging, len(self._names) - 1, name)

    def staged(self) -> list[Path]:
        """List the files staged so far."""
        return [_staged(self._staging, number, name) for number, name in enumerate(self._names)]

    def prepare(self, gone: Iterable[str]) -> Self:
        """Do all that may still fail: wait for the disk, find files that are open elsewhere.

        gone: names of files that go away. Raises OSError, or StorageError that names a file; nothing was changed.
        """
        there = sorted(name for name in set(gone) - set(self._names) if (self.folder / name).exists())
        self._plan = _Plan(self._names, there)
        plan = self._staging / _PLAN
        plan.write_bytes(msgspec.json.encode(self._plan))
        sync_files([*self.staged(), plan])
        (self._staging / _OLD).mkdir()
        sync_folder(self._staging)
        for name in (*self._plan.gone, *self._plan.names):
            require_replaceable(self.folder / name)
        return self

    def commit(self) -> None:
        """Give the new files their places. Raises StorageError that names a file; the old ones are back then."""
        decided = _decided(self.folder, self._owner)
        self._staging.rename(decided)
        sync_folder(self.folder)
        try:
            _carry_through(self.folder, decided, self._plan)
        except BaseException:
            _undo(self.folder, decided, self._plan)
            decided.rename(self._staging)
            raise
        _finish(self.folder, decided, self._staging)

    def discard(self) -> None:
        """Remove what is staged and has no place yet; what cannot be removed is swept at the next start."""
        with suppress(OSError, StorageError):
            remove(self._staging)


def recover(folder: Path, owner: str) -> None:
    """Carry through a change that was decided and interrupted, and remove what was only staged.

    Raises StorageError that names a file which is open elsewhere, OSError for other trouble; it can be tried again.
    """
    decided = _decided(folder, owner)
    if decided.is_dir():
        try:
            plan = msgspec.json.decode((decided / _PLAN).read_bytes(), type=_Plan)
        except (FileNotFoundError, msgspec.DecodeError) as error:
            raise StorageError(
                N_(
                    "An interrupted change of the folder “{folder}” cannot be read. Nothing was changed. Whoever "
                    "maintains the system has to look into its hidden folder “{hidden}”."
                ),
                folder=folder.name,
                hidden=decided.name,
            ) from error
        _carry_through(folder, decided, plan)
        _finish(folder, decided, temporary_beside(folder / "x", owner=f"{owner}-"))
    sweep([folder], owner=f"{owner}-")


def _decided(folder: Path, owner: str) -> Path:
    return folder / f"{_DECIDED}{owner}"


def _staged(staging: Path, number: int, name: str) -> Path:
    # The ending stays, by which writing libraries tell formats.
    return staging / f"{number}{Path(name).suffix}"


def _carry_through(folder: Path, decided: Path, plan: _Plan) -> None:
    """Put old files aside and new ones in their places, but for those where that was done before a crash."""
    aside = decided / _OLD
    for number, name in enumerate(plan.gone):
        _put_aside(folder / name, aside / f"g{number}")
    for number, name in enumerate(plan.names):
        new = _staged(decided, number, name)
        if new.exists():
            _put_aside(folder / name, aside / str(number))
            _move(new, folder / name)


def _put_aside(path: Path, place: Path) -> None:
    # Where an old one is aside already, the one in its place is a new one (names that differ in case, on Windows).
    if not place.exists() and path.exists():
        _move(path, place)


def _undo(folder: Path, decided: Path, plan: _Plan) -> None:
    """Bring the old files back, the last change first. What cannot be brought back now stays for `recover`."""
    aside = decided / _OLD
    for number, name in reversed(list(enumerate(plan.names))):
        new = _staged(decided, number, name)
        if not new.exists():
            _move(folder / name, new)
        if (aside / str(number)).exists():
            _move(aside / str(number), folder / name)
    for number, name in reversed(list(enumerate(plan.gone))):
        if (aside / f"g{number}").exists():
            _move(aside / f"g{number}", folder / name)


def _finish(folder: Path, decided: Path, leftover: Path) -> None:
    """Only the old files are left. A rename ends the change; removing them may be interrupted."""
    sync_folder(folder)
    decided.rename(leftover)
    with suppress(OSError, StorageError):
        remove(leftover)


def _move(source: Path, target: Path) -> None:
    named = target if target.suffix else source
    patiently(lambda: source.replace(target), named)
