"""The backup: fetch everything, check it, write a snapshot, and only then let anything else change.

On every failure the last snapshot stays as it was and stays the current one, and nothing half written remains.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EIO
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Event
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import ProductionNotReady, SnapshotHeldBack
from modules.geometry.area import Box, box_of, grown
from modules.i18n import N_
from modules.i18n.notices import Notice, notice
from modules.progress import Progress, Step, silent
from modules.settings import Settings
from modules.snapshots.check import check_rows
from modules.snapshots.draft import WRITING_ERRORS, Draft
from modules.snapshots.guard import doubts
from modules.snapshots.layers import CheckedLayer, check_layer
from modules.snapshots.manifest import Doubt, FileRecord, LayerRecord, Manifest, RejectedRecord
from modules.snapshots.products import PRODUCT_FOLDERS, Edition
from modules.snapshots.publication import Publication
from modules.snapshots.report import Report
from modules.snapshots.result import HELD_BACK, PUBLISHED, BackupResult, summary, warning_sentences
from modules.snapshots.scope import Scope
from modules.snapshots.store import SnapshotStore, snapshot_id
from modules.snapshots.writer import LayerWriter
from modules.sources.base import Source
from modules.sources.farms import resolve_farms
from modules.storage.failures import explained
from modules.storage.preflight import prepare_folders
from modules.storage.roots import Folder

__all__ = [
    "BackupHeldBack", "BackupRequest", "BackupResult", "run_backup", "summary", "utc_now", "warning_sentences",
]  # fmt: skip

_LAYERS: Final = len(Layer)
#: Parts of the writing step: each layer, then the wait for the disk.
_WRITES: Final = _LAYERS + 1
_OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000


def utc_now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BackupRequest:
    """What to back up. season: None is the one that holds today; farms: ids or names, none means all."""

    environment: Environment
    run_id: str
    season: Season | None = None
    farms: Sequence[str] = ()
    who: str = ""


class BackupHeldBack(SnapshotHeldBack):
    """The snapshot is complete and waits in quarantine; `result` tells everything about it."""

    def __init__(self, result: BackupResult, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
        self.result = result


def run_backup(
    request: BackupRequest,
    source: Source,
    settings: Settings,
    *,
    progress: Progress = silent,
    now: Callable[[], datetime] = utc_now,
) -> BackupResult:
    """Back up a season: all four layers, of all farms or some.

    Raises ProductionNotReady or StorageError before anything is fetched, PortalError and GeometryError for what the
    source delivers, StorageError for what cannot be written, BackupHeldBack for a snapshot that is empty or suddenly
    short. In each case the last snapshot is still the current one, with one exception: a StorageError that names
    current files which could not be replaced comes after the new snapshot was published, and says so.

    Whatever ends the download early, a signal too, closes the source.
    """
    report = Report(progress)
    report.begin(Step.PORTAL, 1)
    started_at = now()
    folders = (Folder.SNAPSHOTS, *(() if request.farms else PRODUCT_FOLDERS))
    prepare_folders(settings.home, request.environment, folders, settings.min_free_mb)
    _require_real_source(request.environment, source, settings)
    farms = frozenset(farm.id for farm in resolve_farms(source, request.farms))
    scope = Scope(request.environment, request.season or Season.current(started_at), farms)
    store = SnapshotStore(settings.home, request.environment)
    # Arrow's own allocator keeps what it once had: the process was a fifth larger at its peak, and no faster.
    pa.set_memory_pool(pa.system_memory_pool())
    with store.writing(scope), _rare_collections():
        report.part(Step.PORTAL, 1)
        return _Backup(request, scope, source, settings, store, report, started_at, now).run()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage in cycles seldom: rows are many objects without any, and to look took 7 % of a backup."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _require_real_source(environment: Environment, source: Source, settings: Settings) -> None:
    if environment is Environment.PRODUCTION and not settings.allow_simulator_in_production and source.is_simulator():
        raise ProductionNotReady(
            N_("The source is the simulator, whose fields are invented. Nothing was fetched. Set up the real portal.")
        )


class _Stopped(Exception):
    """Another layer failed, so this one need not go on."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What is to be told of a layer that is written. Its rows are let go: the layers after it need the memory.

    bounds: of all rows, None without any; farms: how many of them have rows
    """

    record: LayerRecord
    rejected: list[RejectedRecord]
    bounds: Box | None
    farms: int
    hectares: float
    portal_hectares: float


class _Backup:
    """One backup, from the first page to the last rename. Its scope's lock is held."""

    def __init__(
        self,
        request: BackupRequest,
        scope: Scope,
        source: Source,
        settings: Settings,
        store: SnapshotStore,
        report: Report,
        started_at: datetime,
        now: Callable[[], datetime],
    ) -> None:
        self._request = request
        self._scope = scope
        self._source = source
        self._settings = settings
        self._store = store
        self._report = report
        self._started_at = started_at
        self._now = now
        self._stop = Event()
        self._publication = Publication(store.root, scope)
        self._edition = Edition(store.root, scope.season, started_at, source.name) if scope.whole else None

    def run(self) -> BackupResult:
        with explained():
            self._store.sweep(self._scope)
            self._publication.sweep()
            self._predecessor = self._store.current(self._scope)
            self._id = snapshot_id(self._started_at, self._request.run_id)
            self._draft = Draft(self._store.season_folder(self._scope.season) / self._id, owner=self._scope.key)
        try:
            written = self._fetch_and_write()
            with explained():
                return self._publish(written)
        finally:
            self._draft.discard()
            self._publication.discard()

    def _fetch_and_write(self) -> dict[Layer, _Written]:
        """All layers at once: while one is written, others still arrive."""
        self._report.begin(Step.DOWNLOAD, 0)
        with (
            LayerWriter() as writer,
            self._draft.raw,
            ThreadPoolExecutor(max_workers=_LAYERS, thread_name_prefix="layer") as pool,
        ):
            try:
                tasks = {layer: pool.submit(copy_context().run, self._layer, layer, writer) for layer in Layer}
                wait(tasks.values(), return_when=FIRST_EXCEPTION)
                _raise_first(tasks.values())
            except BaseException:
                # Else what is still on its way would be waited for: a minute, of a portal that is slow.
                self._stop.set()
                self._source.close()
                raise
        return {layer: task.result() for layer, task in tasks.items()}

    def _layer(self, layer: Layer, writer: LayerWriter) -> _Written:
        farms, on_page = sorted(self._scope.farms), self._on_page(layer, writer)
        fetched = self._source.fetch(layer, self._scope.season, farms, raw=self._draft.raw, on_page=on_page)
        self._report.downloaded(_LAYERS)
        checked = check_layer(fetched, self._expected_area())
        del fetched
        self._report.part(Step.CHECK, _LAYERS)
        with explained(*WRITING_ERRORS):
            self._publication.take(self._draft.write_layer(checked, self._edition, writer))
        self._report.part(Step.WRITE, _WRITES)
        return self._written(checked)

    def _written(self, layer: CheckedLayer) -> _Written:
        added, removed = self._difference(layer)
        record = LayerRecord(
            rows_in=layer.rows_in,
            rows=len(layer.table),
            rejected=len(layer.rejected),
            pages=layer.pages,
            repaired=layer.repaired_ids,
            extra_columns=list(layer.extra_columns),
            added=added,
            removed=removed,
        )
        return _Written(
            record=record,
            rejected=[RejectedRecord(each.layer.value, each.id, each.name, each.reason) for each in layer.rejected],
            bounds=box_of(layer.bounds),
            farms=pc.count_distinct(layer.table["campo_id"]).as_py(),
            hectares=layer.hectares,
            portal_hectares=layer.portal_hectares,
        )

    def _on_page(self, layer: Layer, writer: LayerWriter) -> Callable[[int, int], None]:
        def arrived(done: int, total: int) -> None:
            if self._stop.is_set():
                raise _Stopped
            writer.expect(total)
            self._report.page(layer, done, total)

        return arrived

    def _expected_area(self) -> Box | None:
        if self._settings.expected_area is not None:
            return self._settings.expected_area.box
        if self._predecessor is None or self._predecessor.manifest.bounds is None:
            return None
        return grown(self._predecessor.manifest.bounds)

    def _difference(self, checked: CheckedLayer) -> tuple[int | None, int | None]:
        """Count the ids that are new and that are gone; None without a predecessor to compare with."""
        if self._predecessor is None:
            return None, None
        try:
            before = pq.read_table(self._predecessor.path / f"{checked.layer}.parquet", columns=["id"])["id"]
        except (OSError, pa.ArrowException):  # a damaged predecessor is verification's business
            return None, None
        now = checked.table["id"]
        return _count_missing(now, before), _count_missing(before, now)

    def _publish(self, written: Mapping[Layer, _Written]) -> BackupResult:
        counts = {layer.value: each.record.rows for layer, each in written.items()}
        files = self._seal(counts)
        self._report.part(Step.WRITE, _WRITES)
        found = doubts(
            counts,
            written[Layer.FIELDS].hectares,
            self._predecessor.manifest if self._predecessor else None,
            self._settings.shrink_limit,
        )
        manifest = self._manifest(written, files, found)
        self._report.begin(Step.PUBLISH, 1)
        if found:
            target = self._store.quarantine_folder(self._scope.season) / self._id
            path, current_files = self._draft.publish(manifest, target), {}
        else:
            if self._scope.whole:
                self._publication.prepare()
            path = self._draft.publish(manifest)
            current_files = self._publication.commit() if self._scope.whole else {}
        self._report.part(Step.PUBLISH, 1)
        result = self._result(manifest, path, current_files)
        if found:
            raise _held_back(result, found[0])
        return result

    def _seal(self, counts: dict[str, int]) -> dict[str, FileRecord]:
        """Wait for the disk, then read back what was written: GDAL does not tell of every failure."""
        files = self._draft.seal()
        with explained(*WRITING_ERRORS):
            if check_rows(self._draft.folder, counts):
                raise OSError(EIO, "rows are missing from what was written")
        return files

    def _manifest(
        self, written: Mapping[Layer, _Written], files: dict[str, FileRecord], found: list[Doubt]
    ) -> Manifest:
        fields = written[Layer.FIELDS]
        boxes = [each.bounds for each in written.values() if each.bounds is not None]
        return Manifest(
            software=_software(),
            id=self._id,
            sequence=self._store.next_sequence(self._scope.season),
            environment=self._scope.environment.value,
            season=str(self._scope.season),
            farms=sorted(self._scope.farms),
            source=self._source.label,
            source_name=self._source.name,
            run_id=self._request.run_id,
            who=self._request.who,
            started_at=self._started_at,
            finished_at=self._now(),
            counts={layer.value: each.record.rows for layer, each in written.items()},
            farms_count=fields.farms,
            hectares=round(fields.hectares, 4),
            portal_hectares=round(fields.portal_hectares, 4),
            bounds=box_of(np.array(boxes)),
            layers={layer.value: each.record for layer, each in written.items()},
            rejected=[rejected for each in written.values() for rejected in each.rejected],
            predecessor=self._predecessor.id if self._predecessor else None,
            held_back=found,
            files=files,
        )

    def _result(self, manifest: Manifest, path: Path, current_files: dict[str, int]) -> BackupResult:
        fields = manifest.layers[Layer.FIELDS]
        folder = self._store.relative(path)
        files = [
            {"name": name, "path": f"{folder}/{name}", "bytes": record.bytes} for name, record in manifest.files.items()
        ]
        return BackupResult(
            status=HELD_BACK if manifest.held_back else PUBLISHED,
            run_id=manifest.run_id,
            who=manifest.who,
            environment=manifest.environment,
            season=manifest.season,
            farms=manifest.farms,
            snapshot_id=manifest.id,
            snapshot=folder,
            snapshot_path=str(path),
            counts=manifest.counts,
            farms_count=manifest.farms_count,
            hectares=manifest.hectares,
            portal_hectares=manifest.portal_hectares,
            rejected=msgspec.to_builtins(manifest.rejected),
            repaired=sum(len(each.repaired) for each in manifest.layers.values()),
            added=fields.added,
            removed=fields.removed,
            warnings=[_extra_columns(name, each) for name, each in manifest.layers.items() if each.extra_columns],
            doubts=msgspec.to_builtins(manifest.held_back),
            files=files,
            current_files=current_files,
            seconds=self._report.total_seconds,
            seconds_by_step=dict(self._report.seconds),
        )


def _raise_first(tasks: Iterable[Future[_Written]]) -> None:
    """Raise the failure that made the others stop, if there was one."""
    errors = [error for task in tasks if task.done() and (error := task.exception())]
    for error in sorted(errors, key=lambda each: isinstance(each, _Stopped)):
        raise error


def _count_missing(ids: pa.ChunkedArray, among: pa.ChunkedArray) -> int:
    known = pc.is_in(ids, value_set=among.combine_chunks())
    return len(ids) - int(pc.sum(known, min_count=0).as_py())


def _extra_columns(layer: str, record: LayerRecord) -> Notice:
    return notice(
        N_("The portal sends columns of “{layer}” that are not known: {columns}. They are in the raw copy."),
        layer=layer,
        columns=", ".join(record.extra_columns),
    )


def _held_back(result: BackupResult, doubt: Doubt) -> BackupHeldBack:
    """Say why: what the portal said, what the last backup has, what was kept safe, what to do."""
    if doubt.before == 0:
        template = N_(
            "The portal answered without any field. Nothing was replaced; the empty backup waits in quarantine until "
            "it is accepted or thrown away."
        )
    elif doubt.what == "hectares":
        template = N_(
            "The portal answered with {now} ha; the last backup has {before} ha. Nothing was replaced; the new backup "
            "waits in quarantine until it is accepted or thrown away."
        )
    else:
        template = N_(
            "The portal answered with {now} {layer}; the last backup has {before}. Nothing was replaced; the "
            "new backup waits in quarantine until it is accepted or thrown away."
        )
    return BackupHeldBack(
        result,
        template,
        now=round(doubt.now),
        before=round(doubt.before),
        layer=doubt.layer,
        snapshot=result.snapshot_id,
        season=result.season,
    )


@cache
def _software() -> str:
    try:
        return f"tranquera {version('tranquera')}"
    except PackageNotFoundError:  # run from a checkout, as `./tranquera` does
        return "tranquera"
