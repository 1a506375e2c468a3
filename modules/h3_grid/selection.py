"""Which snapshot, and which of its fields: by farms and crops as people write them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from modules.domain.farm import Farm
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP, find_named, names_like, plain_name
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError
from modules.i18n import N_
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.reading import read_layer
from modules.snapshots.store import Snapshot, SnapshotStore

#: How many names an error tells.
_NAMES_TOLD: Final = 3


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
    wanted = [_crop(fields, crop) for crop in crops]
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
            chosen = list(dict.fromkeys(_farm(known, wanted) for wanted in farms))
        except RequestError as error:
            if snapshot.scope.whole:
                raise
            unknown = error
            continue
        return snapshot, [farm.id for farm in chosen], [_name(farm, known) for farm in chosen]
    if unknown is not None:
        raise unknown
    raise SnapshotError(
        N_("There is no backup of {season} yet, and a grid is made from one. Run the backup first."), season=str(season)
    )


def _farms_of(snapshot: Snapshot) -> list[Farm]:
    try:
        table = pq.read_table(snapshot.path / f"{Layer.FIELDS}.parquet", columns=["campo_id", "campo"])
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(snapshot) from error
    pairs = table.group_by(["campo_id", "campo"]).aggregate([])
    return sorted(
        (Farm(id_, name) for id_, name in zip(pairs["campo_id"].to_pylist(), pairs["campo"].to_pylist(), strict=True)),
        key=lambda farm: farm.id,
    )


def _name(farm: Farm, known: Sequence[Farm]) -> str:
    twins = [each for each in known if plain_name(each.name) == plain_name(farm.name)]
    return f"{farm.name} {farm.id}" if len(twins) > 1 else farm.name


def _farm(farms: Sequence[Farm], wanted: str) -> Farm:
    ids = find_named(wanted, {farm.id: farm.name for farm in farms})
    found = [farm for farm in farms if farm.id in ids]
    if len(found) > 1:
        raise RequestError(
            N_("Several farms are called “{name}”. Choose one by its id: {ids}."),
            name=wanted,
            ids=", ".join(farm.id for farm in found),
        )
    if not found:
        raise _unknown(
            N_("The backup has no fields of the farm “{name}”. It has: {known}."), wanted, [farm.name for farm in farms]
        )
    return found[0]


def _crop(fields: CheckedLayer, wanted: str) -> str:
    known = pc.unique(fields.table["cultivo"].fill_null(NO_CROP)).to_pylist()
    found = find_named(wanted, {crop: crop for crop in known})
    if not found:
        raise _unknown(N_("The backup has no fields with the crop “{name}”. It has: {known}."), wanted, known)
    return str(found[0])


def _unknown(template: str, wanted: str, known: Collection[str]) -> RequestError:
    """Say what there is: the names that look like it first, then others, a few of them."""
    told = list(dict.fromkeys([*names_like(wanted, known), *sorted(known, key=plain_name)]))
    more = ", …" if len(told) > _NAMES_TOLD else ""
    return RequestError(template, name=wanted, known=", ".join(told[:_NAMES_TOLD]) + more)


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
        N_("The backup {snapshot} cannot be read. Verify it with: tranquera snapshots verify"), snapshot=snapshot.id
    )
