"""Snapshots as the store reads them, without the backup that makes real ones."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.environments import Environment
from modules.snapshots.manifest import MANIFEST, Doubt, FileRecord, LayerRecord, Manifest, RejectedRecord
from modules.snapshots.store import SnapshotStore, snapshot_id

RUN = "9f3c1a2b-0000-4000-8000-000000000000"


def write_snapshot(
    home: Path,
    environment: Environment,
    *,
    fields: int = 3,
    hectares: float = 120.0,
    started: datetime = datetime(2026, 11, 23, 6, tzinfo=UTC),
    run_id: str = RUN,
    rejected: tuple[RejectedRecord, ...] = (),
    held_back: bool = False,
    farms: Sequence[str] = (),
) -> Path:
    """Write a snapshot of 25/26 with one small file and its manifest; tell its folder."""
    store, season = SnapshotStore(home, environment), Season.parse("25/26")
    parent = store.quarantine_folder(season) if held_back else store.season_folder(season)
    folder = parent / snapshot_id(started, run_id)
    folder.mkdir(parents=True)
    (folder / "backup.gpkg").write_bytes(b"geopackage")
    counts = {Layer.FIELDS.value: fields, Layer.ZONES.value: 9, Layer.MARKERS.value: 4, Layer.AREAS.value: 1}
    manifest = Manifest(
        software="tranquera",
        id=folder.name,
        sequence=1,
        environment=environment,
        season=str(season),
        farms=list(farms),
        source="databaler https://portal.internal/api",
        run_id=run_id,
        who="Ana",
        started_at=started,
        finished_at=started,
        counts=counts,
        farms_count=1,
        hectares=hectares,
        portal_hectares=hectares,
        bounds=None,
        layers={
            layer: LayerRecord(rows_in=rows, rows=rows, rejected=0, pages=1, repaired=[], extra_columns=[])
            for layer, rows in counts.items()
        },
        rejected=list(rejected),
        held_back=[Doubt(layer=Layer.FIELDS, what="rows", before=9, now=fields)] if held_back else [],
        files={"backup.gpkg": FileRecord(bytes=10, sha256="0" * 64)},
    )
    (folder / MANIFEST).write_bytes(manifest.encode())
    return folder
