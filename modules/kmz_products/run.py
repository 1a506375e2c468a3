"""A run of the KMZ products: from the newest snapshot of all farms to the folders, each replaced as a whole.

On every failure the folders stay as they were, with one exception that says so: a file that is opened elsewhere at the
very moment of the change keeps its own folder from it, and those that changed before it stay changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final

from modules.domain.choice import in_order, titles_of
from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError, StorageError
from modules.i18n import N_
from modules.i18n.notices import Notice
from modules.i18n.zone import BUENOS_AIRES
from modules.kmz_products import html_map
from modules.kmz_products.contents import Contents
from modules.kmz_products.edition import Edition
from modules.kmz_products.files import write_kmz
from modules.kmz_products.index import INDEX, LINKS, LINKS_FROM, IndexEntry, encode_index, network_links, read_index
from modules.kmz_products.parts import FilesPart, Job, read_sheets, write_files_of, write_part
from modules.kmz_products.plan import PlannedFile, fields_of, plan, resolve_choice
from modules.kmz_products.request import KmzRequest, Product
from modules.kmz_products.result import KmzResult, ProductResult
from modules.progress import Progress, Step, silent
from modules.settings import Settings
from modules.snapshots.report import Report
from modules.snapshots.scope import Scope
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.spread import HERE, Spread
from modules.storage.failures import Sentences, explained
from modules.storage.lock import writer_lock
from modules.storage.preflight import prepare_folders
from modules.storage.replacement import Replacement, recover
from modules.storage.roots import Folder

_OWNER: Final = "kmz"
_RUNNING: Final = N_("Another run is writing the KMZ. Nothing was changed. Wait until it has ended.")
_FAILURES: Final = Sentences(
    N_("The disk is full. The KMZ were not replaced; the last ones are as they were. Free some space and run again."),
    N_(
        "The KMZ could not be written; the last ones are as they were. Check that the disk has room and that its "
        "folders are connected, then run again."
    ),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def run_kmz(
    request: KmzRequest,
    settings: Settings,
    *,
    progress: Progress = silent,
    spread: Spread = HERE,
    now: Callable[[], datetime] = _utc_now,
) -> KmzResult:
    """Make the KMZ products of a season. spread: writes the parts of the files; they are the same, byte for byte.

    Raises ProductionNotReady or StorageError before anything is read, SnapshotError where there is no backup to make
    them from, RequestError for a farm or crop that it does not have, StorageError for what cannot be written,
    StackError where nobody writes a part.
    """
    if not request.products and not request.html_map:
        raise RequestError(N_("No product was chosen. Nothing was changed. Choose at least one."))
    report = Report(progress)
    report.begin(Step.READ, 1)
    season = request.season or Season.current(now())
    folders = [*(each.folder for each in request.products), *([html_map.FOLDER] if request.html_map else [])]
    prepare_folders(settings.home, request.environment, folders, settings.min_free_mb)
    store = SnapshotStore(settings.home, request.environment)
    lock = settings.home / "data" / "locks" / f"{request.environment}-{_OWNER}.lock"
    with writer_lock(lock, _RUNNING), explained(sentences=_FAILURES):
        for folder in folders:
            recover(store.root / folder, _OWNER)
        snapshot = _newest(store, Scope(request.environment, season))
        return _Run(request, season, store.root, snapshot, report, spread).run()


def _newest(store: SnapshotStore, scope: Scope) -> Snapshot:
    snapshot = store.current(scope)
    if snapshot is None:
        raise SnapshotError(
            N_("There is no backup of all farms of season {season} yet. Nothing was changed. Run the backup first."),
            season=str(scope.season),
        )
    if snapshot.manifest.empty:
        raise SnapshotError(
            N_("The last backup of season {season} holds no field. The KMZ stay as they are. Run the backup again."),
            season=str(scope.season),
        )
    return snapshot


class _Run:
    """One run. Its lock is held."""

    def __init__(
        self, request: KmzRequest, season: Season, root: Path, snapshot: Snapshot, report: Report, spread: Spread
    ) -> None:
        self._request = request
        self._season = season
        self._root = root
        self._snapshot = snapshot
        self._report = report
        self._spread = spread
        self._edition = Edition.of(snapshot.manifest)
        self._modified = snapshot.manifest.started_at.astimezone(BUENOS_AIRES)
        self._job = Job(snapshot, request, self._edition, self._modified)
        self._replacements: dict[Folder, Replacement] = {}
        self._warnings: list[Notice] = []

    def run(self) -> KmzResult:
        self._sheets = read_sheets(self._snapshot)
        self._choice = resolve_choice(self._sheets, self._request.farms, self._request.crops)
        plans = {product: self._plan(product) for product in self._request.products}
        self._fields = fields_of(self._sheets, self._choice)
        self._total = sum(sum(1 for file in files if self._is_chosen(file)) for files in plans.values())
        if len(self._fields) == 0 and (self._request.html_map or not self._total):
            raise self._nothing_chosen()
        self._total += self._request.html_map
        self._report.part(Step.READ, 1)
        self._report.begin(Step.WRITE, self._total)
        contents = Contents(self._sheets, self._edition, self._request)
        try:
            made = {product.folder: self._make(contents, product, files) for product, files in plans.items()}
            if self._request.html_map:
                made[html_map.FOLDER] = self._make_map()
            self._publish()
        finally:
            for replacement in self._replacements.values():
                replacement.discard()
        return self._result(made)

    def _nothing_chosen(self) -> RequestError:
        """Say that the chosen farms have no field, or none with the chosen crops."""
        known = dict(zip(self._sheets.farm_ids, self._sheets.farm_names, strict=True))
        farms = ", ".join(titles_of(self._choice.farms, known))
        if not self._choice.crops:
            return RequestError(
                N_("The last backup has no field of {farms}. Nothing was changed. Choose other farms."), farms=farms
            )
        return RequestError(
            N_(
                "The last backup has no field of {farms} with {crops}. Nothing was changed. Choose other farms or "
                "crops."
            ),
            farms=farms,
            crops=", ".join(in_order(self._choice.crops)),
        )

    def _plan(self, product: Product) -> list[PlannedFile]:
        return plan(product, self._sheets, self._season, self._root / product.folder)

    def _is_chosen(self, file: PlannedFile) -> bool:
        return self._choice.takes(file.farms, file.crops)

    def _make(self, contents: Contents, product: Product, files: list[PlannedFile]) -> ProductResult:
        """Stage all files of a product, its index and what goes away."""
        began = perf_counter()
        folder = self._root / product.folder
        known = read_index(folder)
        replacement = self._replacement(product.folder)
        chosen = [file for file in files if self._is_chosen(file)]
        places = {file.name: replacement.stage(file.name) for file in chosen}
        self._write(contents, FilesPart(self._job, product, chosen, list(places.values())))
        size = sum(place.stat().st_size for place in places.values())
        gone = self._gone(known, {file.name for file in files})
        entries = {name: entry for name, entry in known.items() if name not in gone}
        kept = len(entries.keys() - places.keys())
        entries |= {file.name: self._entry(product, file) for file in chosen}
        self._stage_indexes(product, replacement, entries)
        replacement.prepare(gone if len(entries) >= LINKS_FROM else {*gone, LINKS})
        return ProductResult(
            files=len(chosen),
            kept=kept,
            removed=len(gone),
            features={
                layer.value: sum(len(getattr(file, layer.name.lower())) for file in chosen)
                for layer in (Layer.FIELDS, Layer.ZONES, Layer.MARKERS)
            },
            bytes=size,
            seconds=round(perf_counter() - began, 3),
        )

    def _write(self, contents: Contents, part: FilesPart) -> None:
        """Write the files of a product, here or in parts elsewhere."""
        if self._spread.parts == 1:
            for _file in write_files_of(part, contents):
                self._report.part(Step.WRITE, self._total)
            return
        with closing(self._spread(write_part, part.cut(self._spread.parts))) as written:
            for count in written:
                for _each in range(count):
                    self._report.part(Step.WRITE, self._total)

    def _make_map(self) -> ProductResult:
        folder = html_map.FOLDER
        maps = html_map.HtmlMaps(self._snapshot, self._season, self._sheets, self._root / folder)
        made, warnings = maps.stage(self._choice, self._replacement(folder))
        self._warnings += warnings
        self._report.part(Step.WRITE, self._total)
        return made

    def _replacement(self, folder: Folder) -> Replacement:
        self._replacements[folder] = replacement = Replacement(self._root / folder, _OWNER)
        return replacement

    def _gone(self, known: dict[str, IndexEntry], names: set[str]) -> set[str]:
        """Tell which of our files of this season are chosen and no longer produced."""
        return {
            name
            for name, entry in known.items()
            if entry.season == str(self._season)
            and name not in names
            and (self._choice.whole or self._choice.takes(entry.farms, entry.crops))
        }

    def _entry(self, product: Product, file: PlannedFile) -> IndexEntry:
        manifest = self._snapshot.manifest
        group = self._sheets.farm_name(self._sheets.farm_ids.index(file.farms[0])) if file.farms else ""
        return IndexEntry(
            title=file.title,
            season=str(self._season),
            group=group if product in (Product.BY_FIELD, Product.BY_CROP_AND_FARM) else "",
            fields=len(file.fields),
            zones=len(file.zones),
            markers=len(file.markers),
            hectares=round(float(self._sheets.hectares[file.fields].sum()), 4),
            date=manifest.started_at.isoformat(),
            snapshot=self._snapshot.id,
            farms=list(file.farms),
            crops=list(file.crops),
        )

    def _stage_indexes(self, product: Product, replacement: Replacement, entries: dict[str, IndexEntry]) -> None:
        """The indexes are the last to change: they never name a file that is not there."""
        if len(entries) >= LINKS_FROM:
            links = network_links(product.value, entries, self._edition.snippet)
            write_kmz(replacement.stage(LINKS), links, self._modified, icon=False)
        replacement.stage(INDEX).write_bytes(encode_index(product.value, entries))

    def _publish(self) -> None:
        """Every file of every product is ready: change one folder after another."""
        count = len(self._replacements)
        self._report.begin(Step.PUBLISH, count)
        done: list[str] = []
        for folder, replacement in self._replacements.items():
            try:
                replacement.commit()
            except StorageError as error:
                raise _left(error, folder, done) from error
            except OSError as error:
                raise _failed(folder, done) from error
            done.append(folder.value)
            self._report.part(Step.PUBLISH, count)

    def _result(self, made: dict[Folder, ProductResult]) -> KmzResult:
        manifest = self._snapshot.manifest
        return KmzResult(
            run_id=self._request.run_id,
            who=self._request.who,
            environment=self._request.environment.value,
            season=str(self._season),
            farms=sorted(self._choice.farms),
            crops=sorted(self._choice.crops),
            snapshot=self._snapshot.id,
            snapshot_at=manifest.started_at.isoformat(),
            fields=len(self._fields),
            hectares=round(float(self._sheets.hectares[self._fields].sum()), 4),
            products={folder.value: result for folder, result in made.items()},
            seconds=self._report.total_seconds,
            seconds_by_step=dict(self._report.seconds),
            warnings=self._warnings,
        )


def _failed(folder: Folder, done: Sequence[str]) -> StorageError:
    """Say that a disk failed while a folder changed; the next run sets right what it could not undo."""
    if not done:
        return StorageError(_FAILURES.other)
    return StorageError(
        N_(
            "“{folder}” could not be replaced; {done} are new already. Check that its disk has room and is connected, "
            "then run again."
        ),
        folder=folder.value,
        done=", ".join(f"“{each}”" for each in done),
    )


def _left(error: StorageError, folder: Folder, done: Sequence[str]) -> StorageError:
    """Say which folder stayed as it was, and which ones changed before it."""
    told = ", ".join(f"“{each}”" for each in done)
    file = error.values.get("file", "")
    if not told:
        return StorageError(
            N_("“{file}” is open in another program, so “{folder}” was not replaced. Close it and run again."),
            file=file,
            folder=folder.value,
        )
    return StorageError(
        N_(
            "“{file}” is open in another program, so “{folder}” was not replaced; {done} are new already. Close it "
            "and run again."
        ),
        file=file,
        folder=folder.value,
        done=told,
    )
