"""An export from the request to the file in its place."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from modules.errors import RequestError, StorageError
from modules.export.crs import WGS84, choose_crs, is_wgs84
from modules.export.formats import Format, find_format
from modules.export.request import ExportRequest
from modules.export.result import ExportResult, notice
from modules.export.selection import Rows, select
from modules.i18n import N_
from modules.snapshots.store import Snapshot
from modules.storage.atomic import replacing
from modules.storage.safe_names import safe_name

#: How many words of a filter a proposed file name repeats.
_WORDS_IN_NAME: Final = 3
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def export_layer(snapshot: Snapshot, request: ExportRequest, target: Path, *, replace: bool = False) -> ExportResult:
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
    rows = select(snapshot, request)
    crs, warnings = choose_crs(request.crs, lambda: rows.bounds)
    if snapshot.held_back:
        warnings.append(notice(N_("This backup waits in quarantine: nobody has accepted it yet.")))
    rows = rows.transformed(crs)
    path = _place(target, kind, request, rows, replace=replace)
    with _explained(path), replacing(path) as temporary:
        warnings += kind.write(temporary, rows)
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
    words = request.wanted
    shown = words[:_WORDS_IN_NAME] + ([f"y {len(words) - _WORDS_IN_NAME} más"] if len(words) > _WORDS_IN_NAME else [])
    crs = [] if rows.crs == WGS84 else [rows.crs.title]
    return safe_name(" ".join([request.layer.value, rows.season.folder, *shown, *crs]), kind.suffix, folder=folder)


def _place(target: Path, kind: Format, request: ExportRequest, rows: Rows, *, replace: bool) -> Path:
    path = target / file_name(request, kind, rows, target) if target.is_dir() else target
    ending = f".{kind.suffix.rsplit('.', maxsplit=1)[-1]}"
    if path.suffix.casefold() != ending:
        raise RequestError(
            N_("A file of {format} ends in “{ending}”: “{file}” does not. Nothing was written."),
            format=kind.title,
            ending=ending,
            file=path.name,
        )
    if not path.parent.is_dir():
        raise RequestError(N_("There is no folder “{name}” here."), name=path.parent.name)
    if path.exists() and not replace:
        raise RequestError(
            N_("“{file}” is there already, and stays as it is. Choose another name, or say that it shall be replaced."),
            file=path.name,
        )
    return path


def _require_complete(kind: Format, path: Path, rows: Rows) -> None:
    """Open what was written as a reader would: GDAL does not tell of every failure."""
    if kind.count is not None and kind.count(path, rows) != len(rows.table):
        raise OSError(errno.EIO, "rows are missing from what was written")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system and GDAL raise into StorageError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise StorageError(
                N_("The disk is full: “{file}” was not written. Free some space and export again."), file=path.name
            ) from error
        if isinstance(error, OSError) or _of_gdal(error):
            raise StorageError(
                N_("“{file}” could not be written. Check that its disk is connected and has room, then export again."),
                file=path.name,
            ) from error
        raise


def _of_gdal(error: Exception) -> bool:
    """Tell without importing it: that takes half a second, and not every format needs it."""
    return type(error).__module__.startswith("pyogrio")
