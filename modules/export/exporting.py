"""An export from the request to the file in its place."""

from __future__ import annotations

import errno
from pathlib import Path

from modules.errors import RequestError
from modules.export.crs import WGS84, choose_crs, is_wgs84
from modules.export.formats import Format, find_format
from modules.export.placing import proposed_name, require_place, writing
from modules.export.request import ExportRequest
from modules.export.result import ExportResult
from modules.export.selection import Rows, select
from modules.i18n import N_
from modules.i18n.notices import notice
from modules.progress import Progress, Step, silent
from modules.snapshots.store import Snapshot


def export_layer(
    snapshot: Snapshot, request: ExportRequest, target: Path, *, replace: bool = False, progress: Progress = silent
) -> ExportResult:
    """Write the rows that `request` wants to `target`: a file, or a folder that is there, where a name is proposed.

    The file appears whole or not at all. Raises RequestError for what cannot be done as asked (nothing was written
    then, and a file that is there stays unless `replace`), SnapshotError for a damaged snapshot, StorageError for a
    disk that is full or not there.
    """
    kind = find_format(request.format)
    if not kind.carries_crs and not is_wgs84(request.crs):
        raise RequestError(
            N_("{format} has no choice of coordinates: leave it at wgs84, or choose another format."), format=kind.title
        )
    progress(Step.READ, 0, 1)
    rows = select(snapshot, request)
    crs, warnings = choose_crs(request.crs, lambda: rows.bounds)
    if snapshot.held_back:
        warnings.append(notice(N_("This backup waits in quarantine: nobody has accepted it yet.")))
    rows = rows.transformed(crs)
    path = _place(target, kind, request, rows, replace=replace)
    progress(Step.WRITE, 0, 1)
    with writing(path) as temporary:
        warnings += kind.write(temporary, rows)
        progress(Step.CHECK, 0, 1)
        _require_complete(kind, temporary, rows)
    return ExportResult(
        path=path,
        format=kind.name,
        layer=request.layer.value,
        snapshot_id=snapshot.id,
        rows=len(rows.table),
        bytes=path.stat().st_size,
        crs=crs.code if kind.coordinates else "",
        accuracy_m=crs.accuracy_m,
        warnings=warnings,
    )


def file_name(request: ExportRequest, kind: Format, rows: Rows, folder: Path | None = None) -> str:
    """Propose a file name from season, layer, filter and coordinates, safe on Windows: `lotes 25-26 El Ñandú.gpkg`."""
    crs = [] if rows.crs == WGS84 else [rows.crs.title]
    return proposed_name([request.layer.value, rows.season.folder], request.wanted, crs, kind.suffix, folder)


def _place(target: Path, kind: Format, request: ExportRequest, rows: Rows, *, replace: bool) -> Path:
    path = target / file_name(request, kind, rows, target) if target.is_dir() else target
    return require_place(path, kind.title, kind.suffix, replace=replace)


def _require_complete(kind: Format, path: Path, rows: Rows) -> None:
    """Open what was written as a reader would: GDAL does not tell of every failure."""
    if kind.count is not None and kind.count(path, rows) != len(rows.table):
        raise OSError(errno.EIO, "rows are missing from what was written")
