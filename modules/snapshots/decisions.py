"""What a person decides about a snapshot that was held back: publish it, or throw it away."""

from __future__ import annotations

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError
from modules.exporters.geojson import geojson_shapes
from modules.i18n import N_
from modules.snapshots.check import verify
from modules.snapshots.products import Edition, field_products, sample_products
from modules.snapshots.publication import Publication
from modules.snapshots.reading import read_layer
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.storage.atomic import move_folder, remove, sync_folder


def accept(store: SnapshotStore, text: str, *, typed_season: str | None = None) -> Snapshot:
    """Publish a snapshot from quarantine; `text` is its id or a part of it that no other has.

    An empty one asks for its season to be typed. Raises RequestError without it, SnapshotError for a snapshot that is
    not in quarantine or was damaged there, StorageError when files cannot be replaced.
    """
    held = _held_back(store, text)
    if held.manifest.empty:
        _require_typed(held, typed_season)
    with store.writing(held.scope):
        findings = verify(held)
        if findings:
            raise SnapshotError(
                N_("The snapshot was damaged in quarantine and was not published: {finding}."),
                finding=findings[0].sentence(),
            )
        return _publish(store, held)


def reject(store: SnapshotStore, text: str) -> str:
    """Throw a snapshot from quarantine away for good; tells its id. Raises SnapshotError."""
    held = _held_back(store, text)
    with store.writing(held.scope):
        remove(held.path)
        sync_folder(held.path.parent)
    return held.id


def _held_back(store: SnapshotStore, text: str) -> Snapshot:
    snapshot = store.find(text)
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
    publication = Publication(store.root, held.scope.season)
    try:
        if newest and held.scope.whole:
            edition = Edition.of(store.root, held.scope.season, held.manifest.started_at)
            fields = read_layer(held, Layer.FIELDS)
            publication.stage(field_products(fields, geojson_shapes(fields.geometry), edition))
            publication.stage(sample_products(read_layer(held, Layer.MARKERS), edition))
            publication.prepare()
        move_folder(held.path, target)
        if newest and held.scope.whole:
            publication.commit()
    finally:
        publication.discard()
    return Snapshot(target, held.manifest, held_back=False)
