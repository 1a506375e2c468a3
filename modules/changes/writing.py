"""Changes as a GeoPackage to open in QGIS."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from modules.changes.layer import changes_layer
from modules.changes.result import Changes
from modules.export.placing import proposed_name, require_place, writing
from modules.export.result import ExportResult
from modules.exporters.geopackage import count_rows, write_geopackage
from modules.i18n import use_language
from modules.i18n.zone import BUENOS_AIRES
from modules.snapshots.store import Snapshot

LAYER: Final = "cambios"
TITLE: Final = "GeoPackage"
SUFFIX: Final = ".gpkg"


def write_changes(
    changes: Changes, before: Snapshot, now: Snapshot, target: Path, *, replace: bool = False
) -> ExportResult:
    """Write what `compare_snapshots` found to `target`: a file, or a folder that is there, where a name is proposed.

    The file appears whole or not at all, in Spanish as all files that people open; without changes it has no rows.
    Raises RequestError for a place that cannot be (a file that is there stays unless `replace`), SnapshotError for a
    damaged snapshot, StorageError for a disk that is full or not there.
    """
    path = require_layer_place(before, now, target, replace=replace)
    with use_language("es"):
        layer = changes_layer(changes, before, now)
    with writing(path) as temporary:
        write_geopackage(temporary, LAYER, layer.table, layer.wkb)
        if count_rows(temporary, LAYER) != len(layer.table):
            raise OSError(errno.EIO, "rows are missing from what was written")
    return ExportResult(
        path=path,
        format="gpkg",
        layer=LAYER,
        snapshot_id=now.id,
        rows=len(layer.table),
        bytes=path.stat().st_size,
        crs="EPSG:4326",
    )


def require_layer_place(before: Snapshot, now: Snapshot, target: Path, *, replace: bool = False) -> Path:
    """Give the path that `write_changes` would write to. Raises RequestError for a place that cannot be."""
    path = target / file_name(before, now, target) if target.is_dir() else target
    return require_place(path, TITLE, SUFFIX, replace=replace)


def file_name(before: Snapshot, now: Snapshot, folder: Path | None = None) -> str:
    """Propose a file name: `cambios 25-26 2026-11-22 0300 a 2026-11-23 0300.gpkg`, in the time of Buenos Aires."""
    moments = [each.manifest.started_at.astimezone(BUENOS_AIRES).strftime("%Y-%m-%d %H%M") for each in (before, now)]
    return proposed_name([LAYER, now.scope.season.folder, f"{moments[0]} a {moments[1]}"], [], [], SUFFIX, folder)
