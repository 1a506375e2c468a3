"""Two snapshots of one scope, and which two are compared when nobody says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from modules.changes.comparing import compare_fields, count_changes
from modules.changes.result import Changes, LayerCounts
from modules.changes.rows import Indices, Rows, rows_of_file
from modules.domain.layers import Layer
from modules.errors import RequestError, SnapshotError
from modules.i18n import N_
from modules.snapshots.scope import Scope
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.typed import typed

_OTHERS: Final = (Layer.ZONES, Layer.MARKERS, Layer.AREAS)


def compare_snapshots(before: Snapshot, now: Snapshot) -> Changes:
    """Tell what differs from one snapshot to another.

    Raises RequestError for snapshots of different scopes, SnapshotError for a file that is not as it was written.
    """
    require_same_scope(before, now)
    changes = compare_fields(*_rows_of_both(before, now, Layer.FIELDS))
    counted = {layer.value: _count(before, now, layer) for layer in _OTHERS}
    return replace(changes, layers={**changes.layers, **counted})


def require_same_scope(before: Snapshot, now: Snapshot) -> None:
    """Raise RequestError for two snapshots of which one does not cover what the other does."""
    if before.scope != now.scope:
        raise RequestError(
            N_(
                "Backups {before} and {now} do not cover the same: season, environment and chosen farms have to be "
                "equal. They cannot be compared."
            ),
            before=before.id,
            now=now.id,
        )


def predecessor_of(store: SnapshotStore, snapshot: Snapshot) -> Snapshot | None:
    """Find the published snapshot of the same scope that was current before; None for a first one."""
    earlier = (each for each in store.published() if each.id != snapshot.id and each.scope == snapshot.scope)
    return next((each for each in earlier if each.manifest.sequence < snapshot.manifest.sequence), None)


def newest_two(store: SnapshotStore, scope: Scope | None = None) -> tuple[Snapshot, Snapshot]:
    """Find the two newest published snapshots of a scope, the older one first; by default of the newest one's.

    A newest one of all farms goes before one of some. Raises SnapshotError when there are no two.
    """
    published = store.published()
    if scope is None and published:
        newest_season = published[0].scope.season
        of_season = [each for each in published if each.scope.season == newest_season]
        scope = next((each.scope for each in of_season if each.scope.whole), of_season[0].scope)
    found = [each for each in published if each.scope == scope]
    if len(found) < 2:
        raise SnapshotError(N_("There are no two backups of the same yet, so there is nothing to compare."))
    return found[1], found[0]


def _count(before: Snapshot, now: Snapshot, layer: Layer) -> LayerCounts:
    return count_changes(*_rows_of_both(before, now, layer))


def _rows_of_both(before: Snapshot, now: Snapshot, layer: Layer) -> tuple[Rows, Rows]:
    # Hashing lets go of the interpreter: both files at once.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="changes") as beside:
        other = beside.submit(rows_of, now, layer)
        return rows_of(before, layer), other.result()


def rows_of(snapshot: Snapshot, layer: Layer) -> Rows:
    """Give the rows of a layer. Raises SnapshotError for a file that is not as it was written, also later."""
    path = snapshot.path / f"{layer}.parquet"
    try:
        _require_sound(snapshot, path)
        rows = rows_of_file(path)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(snapshot, path.name) from error

    def read(names: Sequence[str], places: Indices | None) -> pa.Table:
        try:
            return rows.read(names, places)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise _damaged(snapshot, path.name) from error

    return replace(rows, read=read)


def _require_sound(snapshot: Snapshot, path: Path) -> None:
    """Hold a file against its hash: a changed bit would be told as a changed field."""
    record = snapshot.manifest.files.get(path.name)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if record is None or digest != record.sha256:
        raise _damaged(snapshot, path.name)


def _damaged(snapshot: Snapshot, file: str) -> SnapshotError:
    return SnapshotError(
        N_(
            "The file {file} of backup {snapshot} is missing or not as it was written, so it cannot be compared. All "
            "files were left as they are. “{command}” tells more."
        ),
        command=typed("snapshots verify"),
        file=file,
        snapshot=snapshot.id,
    )
