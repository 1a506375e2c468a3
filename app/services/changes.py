"""What changed between two snapshots, for the pages: worked out once for all who look, beside the pages.

A finished snapshot never changes, so what differs between two of them does not either; the last few pairs are kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final

from modules.snapshots.store import Snapshot, SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path

    from modules.changes.result import Changes
    from modules.environments import Environment
    from modules.export.result import ExportResult
    from modules.progress import Progress

#: Pairs that are kept: each some kilobytes for a night's changes, some hundred megabytes were all of 100,000 new.
_KEPT: Final = 12
#: What failed may go well later; it is not tried again with each look.
_FAILURE_KEPT_S: Final = 60


class _Pairs:
    """The comparisons under way and those that have ended, the one that was asked for last at the end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="compare")
        self._asked: OrderedDict[tuple[Path, Path], tuple[Future[Changes], float]] = OrderedDict()

    def ask(self, before: Snapshot, now: Snapshot) -> Future[Changes]:
        key = before.path, now.path
        with self._lock:
            future, since = self._asked.get(key, (None, 0.0))
            if future is None or (_failed(future) and time.monotonic() - since > _FAILURE_KEPT_S):
                future, since = self._pool.submit(_compare, before, now), time.monotonic()
            self._asked[key] = future, since
            self._asked.move_to_end(key)
            while len(self._asked) > _KEPT:
                self._asked.popitem(last=False)
            return future


def _failed(future: Future[Changes]) -> bool:
    return future.done() and future.exception() is not None


def _compare(before: Snapshot, now: Snapshot) -> Changes:
    from modules.changes.snapshots import compare_snapshots

    return compare_snapshots(before, now)


@cache
def _pairs() -> _Pairs:
    return _Pairs()


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
