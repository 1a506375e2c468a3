"""A grid from start to end: the newest snapshot, its chosen fields, their cells, the files.

On every failure the files of before stay as they were, and nothing half written remains.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pyogrio.errors import DataLayerError, DataSourceError

from modules.domain.columns import HECTARES, PERIMETER
from modules.domain.season import Season
from modules.geometry.measures import PolygonMeasures
from modules.h3_grid.files import About, GridFiles, grid_files
from modules.h3_grid.grid import CELL, CELL_HECTARES, FIELD_HECTARES, MARKERS, SAMPLES, Grid, build_grid
from modules.h3_grid.request import GridRequest
from modules.h3_grid.resolution import middle_of, propose_resolution, require_resolution
from modules.h3_grid.result import GridResult
from modules.h3_grid.selection import Selection, select
from modules.i18n import N_
from modules.i18n.notices import notice
from modules.i18n.zone import BUENOS_AIRES
from modules.kmz_products.edition import Edition
from modules.progress import Progress, Step, silent
from modules.settings import Settings
from modules.snapshots.report import Report
from modules.snapshots.store import SnapshotStore
from modules.spread import HERE, Spread
from modules.storage.failures import Sentences, explained
from modules.storage.lock import writer_lock
from modules.storage.preflight import prepare_folders
from modules.storage.replacement import Replacement, recover
from modules.storage.roots import Folder

#: What the writing libraries raise, besides OSError, for what they could not write.
_WRITING_ERRORS: Final = (DataSourceError, DataLayerError, pa.ArrowException)
_OWNER: Final = "h3"
_FAILURES: Final = Sentences(
    N_("The disk is full. No file was replaced, all are as they were. Free some space and run again."),
    N_(
        "The files could not be written; those of before are as they were. Check that the disk has room and that its "
        "folders are connected, then run again."
    ),
)
#: What is said of a file that a large grid goes without.
_LEFT_OUT: Final = {
    ".gpkg": N_("No GeoPackage was written, it would have {count} cells; the Parquet files have them all."),
    ".kmz": N_("No KMZ was written, Google Earth does not draw {count} cells; the Parquet files have them all."),
}


def run_grid(
    request: GridRequest, settings: Settings, *, progress: Progress = silent, spread: Spread = HERE
) -> GridResult:
    """Make the grid of a season's fields and write its files into `H3/`. spread: does the parts of the cells.

    Raises ProductionNotReady or StorageError for folders that are not ready, RequestError for what is not in the
    snapshot or at no such resolution, SnapshotError without a snapshot, GeometryError for fields that cannot be put
    on a grid, StackError where nobody does a part. In each case the files of before are as they were.
    """
    report = Report(progress)
    report.begin(Step.READ, 1)
    prepare_folders(settings.home, request.environment, [Folder.H3], settings.min_free_mb)
    store = SnapshotStore(settings.home, request.environment)
    lock = settings.home / "data" / "locks" / f"{request.environment}-h3.lock"
    with writer_lock(lock, N_("Another grid is being made. Nothing was changed. Wait until it has ended.")):
        with explained(sentences=_FAILURES):
            recover(store.root / Folder.H3, _OWNER)
        selection = select(store, request.season or Season.current(), request.farms, request.crops)
        report.part(Step.READ, 1)
        report.begin(Step.CELLS, 0)
        resolution = _resolution(selection, request.resolution)
        grid = build_grid(
            selection.fields,
            selection.zones,
            selection.markers,
            resolution,
            spread=spread,
            on_part=lambda _done, total: report.part(Step.CELLS, total),
        )
        return _publish(request, selection, grid, store, report)


def _resolution(selection: Selection, wanted: int) -> int:
    table = selection.fields.table
    measures = PolygonMeasures(table[HECTARES].to_numpy(), table[PERIMETER].to_numpy())
    place = middle_of(selection.fields.geometry)
    resolution = wanted or propose_resolution(measures, place)
    require_resolution(measures, resolution, place)
    return resolution


def _publish(
    request: GridRequest, selection: Selection, grid: Grid, store: SnapshotStore, report: Report
) -> GridResult:
    manifest = selection.snapshot.manifest
    cell_count: int = pc.count_distinct(grid.cells[CELL]).as_py()
    about: About = {
        "respaldo": manifest.id,
        "campania": manifest.season,
        "campos": list(selection.farms),
        "cultivos": list(selection.crops),
        "resolucion": grid.resolution,
        "lotes": len(selection.fields.table),
        "celdas": cell_count,
    }
    folder = store.root / Folder.H3
    modified = manifest.started_at.astimezone(BUENOS_AIRES)
    files = grid_files(grid, folder, selection.title, Edition.of(manifest), modified, about)
    report.begin(Step.WRITE, len(files.writers))
    with explained(*_WRITING_ERRORS, sentences=_FAILURES):
        sizes = _replace(folder, files, on_file=lambda: report.part(Step.WRITE, len(files.writers)))
    report.part(Step.PUBLISH, 1)
    cells = grid.cells
    return GridResult(
        run_id=request.run_id,
        who=request.who,
        environment=request.environment.value,
        season=manifest.season,
        farms=list(selection.farms),
        crops=list(selection.crops),
        snapshot_id=manifest.id,
        resolution=grid.resolution,
        proposed=not request.resolution,
        fields=len(selection.fields.table),
        cells=cell_count,
        mean_cell_ha=round(pc.mean(cells[CELL_HECTARES]).as_py(), 6),
        rows=len(cells),
        hectares=round(pc.sum(cells[FIELD_HECTARES]).as_py(), 4),
        samples=pc.sum(cells[SAMPLES]).as_py(),
        markers=pc.sum(cells[MARKERS]).as_py(),
        points_outside=grid.points_outside,
        largest_error=grid.largest_error,
        files=[{"name": name, "path": f"{Folder.H3}/{name}", "bytes": size} for name, size in sizes.items()],
        warnings=[notice(_LEFT_OUT[PurePath(name).suffix], count=len(cells)) for name in files.left_out],
        seconds=report.total_seconds,
        seconds_by_step=dict(report.seconds),
    )


def _replace(folder: Path, files: GridFiles, on_file: Callable[[], None]) -> dict[str, int]:
    """Write the files and let them take the places of those of before; tell the bytes of each."""
    replacement = Replacement(folder, _OWNER)
    try:
        sizes = {}
        for name, write in files.writers.items():
            place = replacement.stage(name)
            write(place)
            sizes[name] = place.stat().st_size
            on_file()
        # One of a smaller grid of the same name would tell of other cells than the files beside it.
        replacement.prepare(gone=files.left_out).commit()
    finally:
        replacement.discard()
    return sizes
