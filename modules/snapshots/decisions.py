"""What a person decides about a snapshot that was held back: publish it, or throw it away."""

from __future__ import annotations

from contextlib import suppress

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError, StorageError
from modules.exporters.geojson import geojson_shapes
from modules.i18n import N_
from modules.snapshots.check import verify
from modules.snapshots.draft import WRITING_ERRORS
from modules.snapshots.products import PRODUCT_FOLDERS, Edition, field_products, sample_products
from modules.snapshots.publication import Publication, stage
from modules.snapshots.reading import read_layer
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.storage.atomic import move_folder, remove, temporary_beside
from modules.storage.failures import explained
from modules.storage.preflight import prepare_folders
from modules.storage.roots import Folder


def accept(store: SnapshotStore, text: str, *, typed_season: str | None = None) -> Snapshot:
    """Publish a snapshot from quarantine; `text` is its id or the whole run in it.

    An empty one asks for its season to be typed. Raises RequestError without it, SnapshotError for a snapshot that is
    not in quarantine or was damaged there, ProductionNotReady for a production folder that is not the real one,
    StorageError when files cannot be written or replaced.
    """
    found = find_held_back(store, text)
    if found.manifest.empty:
        _require_typed(found, typed_season)
    with explained(*WRITING_ERRORS):
        folders = (Folder.SNAPSHOTS, *(PRODUCT_FOLDERS if found.scope.whole else ()))
        # No room is asked for: what the disk cannot take is noticed before anything is replaced.
        prepare_folders(store.home, store.environment, folders, min_free_mb=0)
        return _accept(store, found)


def _accept(store: SnapshotStore, found: Snapshot) -> Snapshot:
    with store.writing(found.scope):
        held = find_held_back(store, found.id)  # somebody else may have decided meanwhile
        findings = verify(held)
        if findings:
            raise SnapshotError(
                N_("The snapshot was damaged in quarantine and was not published: {finding}."),
                finding=findings[0].sentence(),
            )
        return _publish(store, held)


def reject(store: SnapshotStore, text: str) -> str:
    """Throw a snapshot from quarantine away for good; tells its id. `text` is its id or the whole run in it.

    Raises RequestError for another part of it, SnapshotError for one that is not in quarantine, StorageError.
    """
    found = find_held_back(store, text)
    with explained(), store.writing(found.scope):
        held = find_held_back(store, found.id)
        # Under a temporary name at once: a crash half way leaves nothing that looks like a snapshot.
        doomed = temporary_beside(store.season_folder(held.scope.season) / held.id, owner=f"{held.scope.key}-")
        move_folder(held.path, doomed)
        with suppress(OSError, StorageError):  # the next backup sweeps what could not be removed
            remove(doomed)
    return held.id


def find_held_back(store: SnapshotStore, text: str) -> Snapshot:
    """Find a snapshot that waits for a decision by its id or its whole run.

    Raises RequestError for another part of it, SnapshotError when there is none or it does not wait.
    """
    snapshot = store.find_whole(text)
    if not snapshot.held_back:
        raise SnapshotError(
            N_("Snapshot {snapshot} is not held back: there is nothing to decide."), snapshot=snapshot.id
        )
    return snapshot


def _require_typed(held: Snapshot, typed_season: str | None) -> None:
    if typed_season is None or Season.parse(typed_season) != held.scope.season:
        raise RequestError(
            N_("The snapshot is empty. To publish it all the same, type its season: {season}."),
            season=held.manifest.season,
        )


def _publish(store: SnapshotStore, held: Snapshot) -> Snapshot:
    target = store.season_folder(held.scope.season) / held.id
    current = store.current(held.scope)
    newest = current is None or current.manifest.sequence < held.manifest.sequence
    publication = Publication(store.root, held.scope)
    try:
        if newest and held.scope.whole:
            edition = Edition(store.root, held.scope.season, held.manifest.started_at, held.manifest.origin)
            fields = read_layer(held, Layer.FIELDS)
            shapes = geojson_shapes(fields.geometry)
            publication.take(stage(store.root, held.scope.season, field_products(fields, shapes, edition)))
            markers = read_layer(held, Layer.MARKERS)
            publication.take(stage(store.root, held.scope.season, sample_products(markers, edition)))
            publication.prepare()
        move_folder(held.path, target)
        if newest and held.scope.whole:
            publication.commit()
    finally:
        publication.discard()
    return Snapshot(target, held.manifest, held_back=False)
