"""What a person decides about a backup that was held back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.snapshots.store import Snapshot, SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path

    from modules.environments import Environment


def waiting(home: Path, environment: Environment, run_id: str) -> Snapshot | None:
    """Find the snapshot of a run that waits in quarantine; None when it was decided about already."""
    return next((snapshot for snapshot in all_waiting(home, environment) if snapshot.manifest.run_id == run_id), None)


def all_waiting(home: Path, environment: Environment) -> list[Snapshot]:
    """List the snapshots that wait in quarantine, newest first."""
    return SnapshotStore(home, environment).held_back()


def is_newest(home: Path, waiting: Snapshot) -> bool:
    """Tell whether a snapshot would become the current one of its scope; an accepted older one does not."""
    current = SnapshotStore(home, waiting.scope.environment).current(waiting.scope)
    return current is None or current.manifest.sequence < waiting.manifest.sequence


def accept(home: Path, environment: Environment, snapshot_id: str, *, typed_season: str | None) -> None:
    """Publish a snapshot from quarantine. Raises TranqueraError when it cannot be, or was decided about meanwhile."""
    from modules.snapshots import decisions

    decisions.accept(SnapshotStore(home, environment), snapshot_id, typed_season=typed_season)


def reject(home: Path, environment: Environment, snapshot_id: str) -> None:
    """Throw a snapshot from quarantine away. Raises TranqueraError when it was decided about meanwhile."""
    from modules.snapshots import decisions

    decisions.reject(SnapshotStore(home, environment), snapshot_id)
