"""A grid from start to end: the newest snapshot, its chosen fields, their cells, the files.

On every failure the files of before stay as they were, and nothing half written remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyogrio.errors import DataLayerError, DataSourceError

from modules.domain.season import Season
from modules.environments import Environment
from modules.geometry.measures import PolygonMeasures
from modules.h3_grid.files import grid_files, has_geopackage
from modules.h3_grid.grid import FIELD_HECTARES, MARKERS, SAMPLES, Grid, build_grid
from modules.h3_grid.resolution import propose_resolution, require_resolution
from modules.h3_grid.result import GridResult
from modules.h3_grid.selection import Selection, select
from modules.i18n import N_
from modules.i18n.formats import number
from modules.progress import Progress, Step, silent
from modules.settings import Settings
from modules.snapshots.layers import HECTARES, PERIMETER
from modules.snapshots.report import Report
from modules.snapshots.store import SnapshotStore
from modules.storage.atomic import sweep
from modules.storage.lock import writer_lock
from modules.storage.preflight import prepare_folders
from modules.storage.roots import Folder
from modules.storage.together import replace_files

#: What the writing libraries raise, besides OSError, for what they could not write.
_WRITING_ERRORS: Final = (DataSourceError, DataLayerError, pa.ArrowException)
_OWNER: Final = "h3-"


@dataclass(frozen=True, slots=True)
class GridRequest:
    """What to make a grid of.

    season: None is the one that holds today; farms: ids or names, crops: names, none means all; resolution: 0 proposes
    one
    """

    environment: Environment
    run_id: str
    season: Season | None = None
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    resolution: int = 0
    who: str = ""


def run_grid(request: GridRequest, settings: Settings, *, progress: Progress = silent) -> GridResult:
    """Make the grid of a season's fields and write its files into `H3/`.

    Raises ProductionNotReady or StorageError for folders that are not ready, RequestError for what is not in the
    snapshot or at no such resolution, SnapshotError without a snapshot, GeometryError for fields that cannot be put
    on a grid. In each case the files of before are as they were.
    """
    report = Report(progress)
    report.begin(Step.READ, 1)
    prepare_folders(settings.home, request.environment, [Folder.H3], settings.min_free_mb)
    store = SnapshotStore(settings.home, request.environment)
    lock = settings.home / "data" / "locks" / f"{request.environment}-h3.lock"
    with writer_lock(lock, N_("Another grid is being made. Nothing was changed. Wait until it has ended.")):
        sweep([store.root / Folder.H3], owner=_OWNER)
        selection = select(store, request.season or Season.current(), request.farms, request.crops)
        report.part(Step.READ, 1)
        report.begin(Step.CELLS, 0)
        resolution = _resolution(selection, request.resolution)
        grid = build_grid(
            selection.fields,
            selection.zones,
            selection.markers,
            resolution,
            on_part=lambda _done, total: report.part(Step.CELLS, total),
        )
        return _publish(request, selection, grid, store, report)


def _resolution(selection: Selection, wanted: int) -> int:
    table = selection.fields.table
    measures = PolygonMeasures(table[HECTARES].to_numpy(), table[PERIMETER].to_numpy())
    resolution = wanted or propose_resolution(measures)
    require_resolution(measures, resolution)
    return resolution


def _publish(
    request: GridRequest, selection: Selection, grid: Grid, store: SnapshotStore, report: Report
) -> GridResult:
    manifest = selection.snapshot.manifest
    about: dict[str, str | int] = {
        "respaldo": manifest.id,
        "campania": manifest.season,
        "resolucion": grid.resolution,
        "lotes": len(selection.fields.table),
        "celdas": pc.count_distinct(grid.cells["h3"]).as_py(),
    }
    folder = store.root / Folder.H3
    writers = grid_files(grid, folder, selection.title, about)
    report.begin(Step.WRITE, len(writers))
    replace_files(
        {folder / name: write for name, write in writers.items()},
        owner=_OWNER,
        failures=_WRITING_ERRORS,
        on_file=lambda: report.part(Step.WRITE, len(writers)),
    )
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
        cells=int(about["celdas"]),
        rows=len(cells),
        hectares=round(pc.sum(cells[FIELD_HECTARES]).as_py(), 4),
        samples=pc.sum(cells[SAMPLES]).as_py(),
        markers=pc.sum(cells[MARKERS]).as_py(),
        points_outside=grid.points_outside,
        largest_error=grid.largest_error,
        files=[
            {"name": name, "path": f"{Folder.H3}/{name}", "bytes": (folder / name).stat().st_size} for name in writers
        ],
        warnings=[] if has_geopackage(grid) else [_without_geopackage(grid)],
        seconds=report.total_seconds,
        seconds_by_step=dict(report.seconds),
    )


def _without_geopackage(grid: Grid) -> dict[str, Any]:
    return {
        "template": N_("No GeoPackage was written, it would have {count} cells; the Parquet files have them all."),
        "values": {"count": number(len(grid.cells))},
    }
