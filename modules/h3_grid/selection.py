"""Which snapshot, and which of its fields: by farms and crops as people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modules.domain.choice import find_crops, find_farms, known_crops, named_farms, titles_of
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError
from modules.i18n import N_
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.reading import read_layer
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.typed import typed


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen fields of a snapshot, with all of its zones and markers.

    farms, crops: the chosen ones by name, with its id where farms share one; none means all
    """

    snapshot: Snapshot
    fields: CheckedLayer
    zones: CheckedLayer
    markers: CheckedLayer
    farms: Sequence[str]
    crops: Sequence[str]

    @property
    def title(self) -> str:
        """Say the season and what was chosen, the same for the same choice: `25-26 campo La Escondida cultivo soja`."""
        parts = [Season.parse(self.snapshot.manifest.season).folder]
        for word, names in (("campo", self.farms), ("cultivo", self.crops)):
            parts += [word, ", ".join(sorted(names))] if names else []
        return " ".join(parts)


def select(store: SnapshotStore, season: Season, farms: Sequence[str], crops: Sequence[str]) -> Selection:
    """Take fields from the newest published snapshot of a season that holds the farms; one of all farms always does.

    farms: ids or names; crops: names, `sin cultivo` for fields without one; without regard to case and
    accents. None of either means all.
    Raises RequestError for a farm or crop that is not there or where nothing is left, SnapshotError where there is no
    snapshot or it cannot be read.
    """
    snapshot, chosen, names = _newest(store, season, farms)
    try:
        fields = read_layer(snapshot, Layer.FIELDS)
        zones, markers = (read_layer(snapshot, layer) for layer in (Layer.ZONES, Layer.MARKERS))
    except (OSError, pa.ArrowException, KeyError) as error:
        raise _unreadable(snapshot) from error
    fields = replace(fields, table=known_crops(fields.table))
    wanted = find_crops(fields.table["cultivo"].unique().to_pylist(), crops)
    kept = _rows(fields, chosen, wanted)
    if len(kept) == 0:
        raise RequestError(N_("The backup of {season} has no fields of these farms and crops."), season=str(season))
    return Selection(snapshot, _taken(fields, kept), zones, markers, names, wanted)


def _newest(store: SnapshotStore, season: Season, farms: Sequence[str]) -> tuple[Snapshot, list[str], list[str]]:
    """Find the snapshot, and the ids and names of the farms."""
    unknown: RequestError | None = None
    for snapshot in store.published():
        if snapshot.scope.season != season or not (snapshot.scope.whole or farms):
            continue
        known = _farms_of(snapshot)
        try:
            chosen = find_farms(known, farms)
        except RequestError as error:
            if snapshot.scope.whole:
                raise
            unknown = error
            continue
        return snapshot, chosen, [_name(farm, known) for farm in chosen]
    if unknown is not None:
        raise unknown
    raise SnapshotError(
        N_("There is no backup of {season} yet, and a grid is made from one. Run the backup first."), season=str(season)
    )


def _farms_of(snapshot: Snapshot) -> dict[str, str]:
    try:
        table = pq.read_table(snapshot.path / f"{Layer.FIELDS}.parquet", columns=["campo_id", "campo"])
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(snapshot) from error
    return named_farms([table])


def _name(farm: str, known: Mapping[str, str]) -> str:
    return titles_of([farm], known)[0]


def _rows(fields: CheckedLayer, farm_ids: Sequence[str], crops: Sequence[str]) -> pa.Array:
    kept = pa.array([True] * len(fields.table))
    columns = (fields.table["campo_id"], farm_ids), (fields.table["cultivo"].fill_null(NO_CROP), crops)
    for column, values in columns:
        if values:
            among = pc.is_in(column.combine_chunks(), value_set=pa.array(values, pa.string()))
            kept = pc.and_(kept, among)
    return pc.indices_nonzero(kept)


def _taken(layer: CheckedLayer, rows: pa.Array) -> CheckedLayer:
    numbers = rows.to_numpy()
    return CheckedLayer(
        layer=layer.layer,
        table=layer.table.take(rows),
        geometry=layer.geometry[numbers],
        wkb=layer.wkb.take(rows),
        bounds=layer.bounds[numbers],
        rows_in=len(rows),
        pages=layer.pages,
    )


def _unreadable(snapshot: Snapshot) -> SnapshotError:
    return SnapshotError(
        N_("The backup {snapshot} cannot be read. Verify it with: {command}"),
        snapshot=snapshot.id,
        command=typed("snapshots verify"),
    )
