"""Where snapshots stand and which one is current. Reads folders; writing them is `modules.snapshots.draft`'s part.

    Backup_Databaler/25-26/2026-11-23T060004Z_9f3c1a2b/     complete, published
    Backup_Databaler/25-26/_cuarentena/…                    complete, held back
    Backup_Databaler/25-26/.tmp-…                           being written, or left by a crash

There is no pointer that could be wrong: the newest complete snapshot of a scope is its current one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import RequestError, SnapshotError, StorageError
from modules.i18n import N_
from modules.snapshots.manifest import MANIFEST, Manifest, read_manifest
from modules.snapshots.scope import Scope
from modules.storage.atomic import TEMPORARY_PREFIX, remove, sweep
from modules.storage.lock import writer_lock
from modules.storage.roots import Folder, root_of
from modules.typed import typed

QUARANTINE: Final = "_cuarentena"
_TIME_FORMAT: Final = "%Y-%m-%dT%H%M%SZ"
#: Fewer characters of an id are a slip rather than a choice.
_LEAST_CHARACTERS: Final = 6
_RUN_CHARACTERS: Final = 8
#: A draft: the scope that owns it, then what makes it unique.
_DRAFT: Final = re.compile(rf"{re.escape(TEMPORARY_PREFIX)}(todos|[0-9a-f]{{8}})-[0-9a-f]{{8}}")
#: An id, or all of its run.
_WHOLE: Final = re.compile(rf"(.+_)?[0-9a-f]{{{_RUN_CHARACTERS}}}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete snapshot on the disk."""

    path: Path
    manifest: Manifest
    held_back: bool

    @property
    def id(self) -> str:
        """Its name: UTC time and run."""
        return self.path.name

    @property
    def scope(self) -> Scope:
        """What it covers."""
        return Scope(
            Environment(self.manifest.environment), Season.parse(self.manifest.season), frozenset(self.manifest.farms)
        )


def snapshot_id(when: datetime, run_id: str) -> str:
    """Name a snapshot: UTC to the second and eight characters of the run, so no clock can make two of them meet."""
    try:
        run = UUID(run_id).hex[:8]
    except ValueError:
        run = hashlib.blake2b(run_id.encode(), digest_size=4).hexdigest()
    return f"{when.astimezone(UTC).strftime(_TIME_FORMAT)}_{run}"


class SnapshotStore:
    """The snapshots of one environment of a home."""

    def __init__(self, home: Path, environment: Environment) -> None:
        self.home = home
        self.environment = environment
        self.root = root_of(home, environment)
        self.folder = self.root / Folder.SNAPSHOTS
        self._locks = home / "data" / "locks"

    def season_folder(self, season: Season) -> Path:
        """Tell where the snapshots of a season stand."""
        return self.folder / season.folder

    def quarantine_folder(self, season: Season) -> Path:
        """Tell where the held back snapshots of a season stand."""
        return self.season_folder(season) / QUARANTINE

    def relative(self, path: Path) -> str:
        """Write a path below the output root with `/`."""
        return path.relative_to(self.root).as_posix()

    def writing(self, scope: Scope) -> AbstractContextManager[None]:
        """Be the only writer of a scope inside the block. Raises StorageError when another process is."""
        return self._lock(scope.season.folder, scope.key)

    def published(self) -> list[Snapshot]:
        """List the complete published snapshots, newest first."""
        return self._read(self.folder.glob(f"*/*/{MANIFEST}"), held_back=False)

    def held_back(self) -> list[Snapshot]:
        """List what waits in quarantine, newest first."""
        return self._read(self.folder.glob(f"*/{QUARANTINE}/*/{MANIFEST}"), held_back=True)

    def damaged(self) -> list[Path]:
        """List the folders of snapshots whose manifest is missing or cannot be read."""
        folders = [*self.folder.glob("*/*/"), *self.folder.glob(f"*/{QUARANTINE}/*/")]
        return sorted(folder for folder in folders if _is_snapshot_folder(folder) and not _is_complete(folder))

    def current(self, scope: Scope) -> Snapshot | None:
        """Find the newest complete snapshot of a scope."""
        of_season = self._read(self.season_folder(scope.season).glob(f"*/{MANIFEST}"), held_back=False)
        return next((snapshot for snapshot in of_season if snapshot.scope == scope), None)

    def next_sequence(self, season: Season) -> int:
        """Count on from the season's snapshots, those in quarantine included."""
        folder = self.season_folder(season)
        paths = [*folder.glob(f"*/{MANIFEST}"), *folder.glob(f"{QUARANTINE}/*/{MANIFEST}")]
        return 1 + max((each.manifest.sequence for each in self._read(iter(paths), held_back=False)), default=0)

    def find(self, text: str) -> Snapshot:
        """Find the one snapshot, published or not, whose id is or contains `text`.

        Raises RequestError for less than six characters, SnapshotError when there is none, several, or one that
        cannot be read.
        """
        if len(text) < _LEAST_CHARACTERS:
            raise RequestError(
                N_("“{text}” is too short to tell a snapshot by. Write at least {count} characters of its id."),
                text=text,
                count=_LEAST_CHARACTERS,
            )
        everything = self._all()
        found = [each for each in everything if each.id == text] or [each for each in everything if text in each.id]
        return self._only(found, text)

    def find_whole(self, text: str) -> Snapshot:
        """Find the one snapshot, published or not, whose id or whole run (its last eight characters) is `text`.

        For decisions that cannot be taken back. Raises RequestError for another part, SnapshotError like `find`.
        """
        if not _WHOLE.fullmatch(text):
            raise RequestError(
                N_("“{text}” is only a part. To decide about a snapshot, write its whole id or what follows its “_”."),
                text=text,
            )
        return self._only([each for each in self._all() if text in (each.id, each.id[-_RUN_CHARACTERS:])], text)

    def sweep(self, scope: Scope) -> list[Path]:
        """Remove the drafts that a crash left, of whatever scope. Only for the one who holds the lock of `scope`.

        A draft of another scope goes when its lock is free.
        """
        own = sweep([self.season_folder(scope.season)], owner=f"{scope.key}-")
        others = [path for path in self.folder.glob(f"*/{TEMPORARY_PREFIX}*") if self._sweep_abandoned(path)]
        return own + others

    def _sweep_abandoned(self, draft: Path) -> bool:
        owner = _DRAFT.fullmatch(draft.name)
        if owner is None:  # not one of ours
            return False
        # Somebody writes it, or it cannot be removed now: no reason to stop a backup of something else.
        with suppress(OSError, StorageError), self._lock(draft.parent.name, owner[1]):
            remove(draft)
            return True
        return False

    def _lock(self, season: str, owner: str) -> AbstractContextManager[None]:
        return writer_lock(self._locks / f"{self.environment}-{season}-{owner}.lock")

    def _all(self) -> list[Snapshot]:
        return [*self.published(), *self.held_back()]

    def _only(self, found: list[Snapshot], text: str) -> Snapshot:
        if len(found) == 1:
            return found[0]
        if found:
            raise SnapshotError(N_("{count} snapshots match “{text}”. Write more of it."), count=len(found), text=text)
        for folder in self.damaged():
            if text in folder.name:
                read_manifest(folder)  # says what is wrong with it
        raise SnapshotError(
            N_("There is no snapshot “{text}”. See the list with: {command}"),
            text=text,
            command=typed("snapshots list"),
        )

    def _read(self, manifests: Iterator[Path], *, held_back: bool) -> list[Snapshot]:
        folders = [path.parent for path in manifests if _is_snapshot_folder(path.parent)]
        snapshots = [
            Snapshot(folder, manifest, held_back) for folder in folders if (manifest := _manifest_or_none(folder))
        ]
        return sorted(snapshots, key=_order, reverse=True)


def _order(snapshot: Snapshot) -> tuple[str, int, str]:
    return snapshot.manifest.season[-2:], snapshot.manifest.sequence, snapshot.id


def _is_snapshot_folder(folder: Path) -> bool:
    return folder.name != QUARANTINE and not folder.name.startswith(TEMPORARY_PREFIX)


def _manifest_or_none(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except SnapshotError:
        return None


def _is_complete(folder: Path) -> bool:
    return _manifest_or_none(folder) is not None
