"""What changed between two snapshots, for the pages: worked out once for all who look, beside the pages.

A finished snapshot never changes, so what differs between two of them does not either: it is kept while there is room.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final

from app.services.kept import Kept
from modules.settings import load_settings
from modules.snapshots.store import Snapshot, SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modules.changes.result import Changes
    from modules.environments import Environment
    from modules.export.result import ExportResult
    from modules.progress import Progress

#: A field that differs takes about so many bytes, what is told of farms and crops beside it so many: a night's changes
#: some kilobytes, 100,000 new fields a hundred megabytes.
_BYTES_OF_FIELD, _BYTES_OF_REST = 1_200, 100_000
_MB: Final = 1_000_000
#: What failed may go well later; it is not tried again with each look.
_FAILURE_KEPT_S: Final = 60


@dataclass(frozen=True, slots=True)
class _Asked:
    """A comparison under way or ended, and when it was asked for, in seconds of `time.monotonic`."""

    future: Future[Changes]
    since: float

    @property
    def is_stale(self) -> bool:
        """Tell whether it failed so long ago that it is worth another try."""
        failed = self.future.done() and self.future.exception() is not None
        return failed and time.monotonic() - self.since > _FAILURE_KEPT_S


class Pairs:
    """The comparisons under way and those that have ended, within a bound of bytes."""

    def __init__(self, most_bytes: int, compare: Callable[[Snapshot, Snapshot], Changes]) -> None:
        self._compare = compare
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="compare")
        self._asked: Kept[_Asked] = Kept(most_bytes)

    def ask(self, before: Snapshot, now: Snapshot) -> Future[Changes]:
        """Give the comparison of two snapshots, the same one to all who ask."""
        key = before.path, now.path
        with self._lock:
            asked = self._asked.get(key)
            if asked is None or asked.is_stale:
                asked = _Asked(self._pool.submit(self._work_out, key, before, now), time.monotonic())
                self._asked.put(key, asked, _BYTES_OF_REST)
            return asked.future

    def _work_out(self, key: tuple[Path, Path], before: Snapshot, now: Snapshot) -> Changes:
        changes = self._compare(before, now)
        with self._lock:
            asked = self._asked.get(key)
            if asked is not None:  # now it is known what it takes
                self._asked.put(key, asked, _BYTES_OF_REST + _BYTES_OF_FIELD * len(changes.fields))
        return changes


def _compare(before: Snapshot, now: Snapshot) -> Changes:
    from modules.changes.snapshots import compare_snapshots

    return compare_snapshots(before, now)


@cache
def _pairs() -> Pairs:
    return Pairs(load_settings().rows_memory_mb * _MB, _compare)


def comparison(before: Snapshot, now: Snapshot, patience_s: float = 0) -> Future[Changes]:
    """Ask for what changed, and wait a while for it; the future may not be done yet, or hold what was raised."""
    future = _pairs().ask(before, now)
    wait([future], timeout=patience_s)
    return future


def predecessor(home: Path, snapshot: Snapshot) -> Snapshot | None:
    """Find the snapshot that was current before, of the same farms and season; None for a first one."""
    from modules.changes.snapshots import predecessor_of

    return predecessor_of(SnapshotStore(home, snapshot.scope.environment), snapshot)


def find(home: Path, environment: Environment, snapshot_id: str) -> Snapshot:
    """Find a snapshot by its whole id. Raises SnapshotError when it is not there."""
    return SnapshotStore(home, environment).find(snapshot_id)


def write_layer(before: Snapshot, now: Snapshot, place: Path, _progress: Progress) -> ExportResult:
    """Write the fields that differ as a GeoPackage into a folder. Raises what comparing and exporting do."""
    from modules.changes.writing import write_changes

    return write_changes(comparison(before, now).result(), before, now, place)
