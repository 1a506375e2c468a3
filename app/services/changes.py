"""What changed between two snapshots, for the pages: worked out once for all who look, beside the pages.

A finished snapshot never changes, so what differs between two of them does not either: it is kept while there is room.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from functools import cache
from typing import TYPE_CHECKING, Final

from app.services.asked import Asked
from modules.settings import load_settings
from modules.snapshots.store import Snapshot, SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path

    from modules.changes.result import Changes
    from modules.environments import Environment
    from modules.export.result import ExportResult
    from modules.progress import Progress

#: A field that differs takes about so many bytes, what is told of farms and crops beside it so many: a night's changes
#: some kilobytes, 100,000 new fields a hundred megabytes.
_BYTES_OF_FIELD, _BYTES_OF_REST = 1_200, 100_000
_MB: Final = 1_000_000


@cache
def _comparisons() -> Asked[Changes]:
    return Asked(load_settings().rows_memory_mb * _MB, _nbytes, name="compare")


def _nbytes(changes: Changes) -> int:
    return _BYTES_OF_REST + _BYTES_OF_FIELD * len(changes.fields)


def comparison(before: Snapshot, now: Snapshot, patience_s: float = 0) -> Future[Changes]:
    """Ask for what changed, and wait a while for it; the future may not be done yet, or hold what was raised."""

    def compare() -> Changes:
        from modules.changes.snapshots import compare_snapshots

        return compare_snapshots(before, now)

    future = _comparisons().ask((before.path, now.path), compare)
    wait([future], timeout=patience_s)
    return future


def close() -> None:
    """Compare no more: the server stops."""
    _comparisons().close()


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
