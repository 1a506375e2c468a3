"""Which snapshot, and which of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from modules.domain.choice import find_crops, find_farms, in_order, known_crops, named_farms, titles_of
from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.names import NO_CROP, find_named, names_like
from modules.domain.season import Season
from modules.errors import RequestError, SnapshotError
from modules.export.crs import WGS84, Crs
from modules.export.request import ExportRequest
from modules.exporters.geoparquet import BBOX, GEOMETRY
from modules.geometry.batches import Geometries, in_batches
from modules.i18n import N_
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.typed import typed

#: How the columns begin that are for programs only, `MACHINE_COLUMNS` of `modules.snapshots.layers`: that module brings
#: all that a backup needs with it, a tenth of a second of every export.
_FOR_PROGRAMS: Final = "huella_"
#: The columns of a field by which rows are chosen.
_BY_FIELD: Final = ["id", "lote", "campo_id", "campo", "cultivo"]


@dataclass(frozen=True)
class Rows:
    """Rows to be written.

    snapshot: where they come from
    table:    n rows of the columns that people see
    wkb:      their geometry as little-endian ISO WKB in `crs`
    bounds:   its boxes, shape (n, 4): west, south, east, north in units of `crs`
    """

    snapshot: Snapshot
    layer: Layer
    season: Season
    table: pa.Table
    wkb: pa.Array
    bounds: NDArray[np.float64]
    crs: Crs = WGS84

    @property
    def points(self) -> bool:
        """Tell whether they are points; polygons and multipolygons otherwise."""
        return self.layer is Layer.MARKERS

    @cached_property
    def geometry(self) -> Geometries:
        """Their geometry, shape (n,)."""
        # Here and below: `to_numpy` would import pandas, which takes longer than all of this.
        return in_batches(shapely.from_wkb, np.array(self.wkb.to_pylist(), dtype=object))

    def transformed(self, crs: Crs) -> Rows:
        """Give the same rows, which are in WGS84, in other coordinates."""
        if crs == self.crs:
            return self
        moved = crs.transformed(self.geometry)
        wkb = pa.array(shapely.to_wkb(moved, flavor="iso"), type=pa.binary())
        return replace(self, wkb=wkb, bounds=shapely.bounds(moved).reshape(-1, 4), crs=crs)


def newest_snapshot(store: SnapshotStore, season: Season | None = None) -> Snapshot:
    """Find the newest published snapshot, of `season` where it is given; one of all farms goes before one of some.

    Raises SnapshotError when there is none.
    """
    published = store.published()
    found = [each for each in published if season is None or each.scope.season == season]
    if not published:
        raise SnapshotError(N_("There is no backup to export from. Run a backup first."))
    if not found:
        raise SnapshotError(
            N_("There is no backup of season {season}. There are backups of: {seasons}."),
            season=str(season),
            seasons=", ".join(map(str, sorted({each.scope.season for each in published}, reverse=True))),
        )
    newest = found[0].scope.season
    return next((each for each in found if each.scope.season == newest and each.scope.whole), found[0])


def select(snapshot: Snapshot, request: ExportRequest) -> Rows:
    """Read the rows that are wanted, sorted by `id`, in WGS84.

    Raises what `matching` does, and RequestError when nothing is left.
    """
    rows = matching(snapshot, request)
    if not len(rows.table):
        raise RequestError(
            N_("There is nothing to export: backup {snapshot} has no row of “{layer}” for this choice."),
            snapshot=snapshot.id,
            layer=request.layer.value,
        )
    return rows


def matching(snapshot: Snapshot, request: ExportRequest) -> Rows:
    """Read the rows that are wanted, perhaps none, sorted by `id`, in WGS84.

    Raises RequestError for a farm, crop or field that the snapshot does not have and for a filter that the layer
    cannot be held against; SnapshotError for a file that is not as it was written.
    """
    season = Season.parse(snapshot.manifest.season)
    path = _require_sound(snapshot, request.layer)
    try:
        table = _read(path)
        keep = _mask(snapshot, request, table)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise _damaged(snapshot, path.name) from error
    if keep is not None:
        table = table.filter(keep)
    bounds = np.column_stack([np.from_dlpack(edge) for edge in table[BBOX].combine_chunks().flatten()])
    wkb = table[GEOMETRY].combine_chunks()
    return Rows(snapshot, request.layer, season, table.drop_columns([GEOMETRY, BBOX]), wkb, bounds)


def chosen_titles(snapshot: Snapshot, request: ExportRequest) -> list[str]:
    """Name the farms, crops and fields that are wanted, each kind in the order of names; none where none is named.

    The same choice has the same titles, whether it was made by ids or names and in whatever order. Raises what
    `matching` does.
    """
    if not (request.farms or request.crops or request.fields):
        return []
    try:
        fields = _read_fields(snapshot)
        known = named_farms([fields])
        farms = set(find_farms(known, request.farms))
        crops = find_crops(pc.unique(fields["cultivo"]).to_pylist(), request.crops)
        found = _chosen_fields(fields, request, farms) if request.fields else set()
        among = _among_chosen(fields, farms, crops)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise _damaged(snapshot, f"{Layer.FIELDS}.parquet") from error
    return [
        *titles_of(farms, known),
        *in_order(crops),
        *titles_of(found, _names(among, "id", NAME_COLUMN[Layer.FIELDS])),
    ]


def _read(path: Path) -> pa.Table:
    # The file by itself: `read_table` looks for a whole data set of them, which takes as long again.
    with pq.ParquetFile(path, pre_buffer=True) as file:
        names = [name for name in file.schema_arrow.names if not name.startswith(_FOR_PROGRAMS)]
        return file.read(columns=names)


def _require_sound(snapshot: Snapshot, layer: Layer) -> Path:
    """Hold the layer's file against its hash: nobody shall be sent a field that a disk has changed."""
    path = snapshot.path / f"{layer}.parquet"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _damaged(snapshot, path.name) from error
    record = snapshot.manifest.files.get(path.name)
    if record is None or digest != record.sha256:
        raise _damaged(snapshot, path.name)
    return path


def _damaged(snapshot: Snapshot, file: str) -> SnapshotError:
    return SnapshotError(
        N_(
            "The file {file} of backup {snapshot} is missing or not as it was written. Nothing was exported. Choose "
            "another backup; “{command}” tells more."
        ),
        command=typed("snapshots verify"),
        file=file,
        snapshot=snapshot.id,
    )


def _mask(snapshot: Snapshot, request: ExportRequest, table: pa.Table) -> pa.Array | None:
    """Tell which rows are wanted; None for all of them."""
    masks = []
    if request.season is not None:
        masks.append(pc.equal(table["campania"], str(request.season)))
    farms: set[str] = set()
    if request.farms or request.crops or request.fields:
        fields = _fields_of(snapshot, request.layer, table)
        if request.farms:
            farms = set(find_farms(named_farms([fields, table]), request.farms))
            masks.append(_among(table["campo_id"], farms))
        if request.crops or request.fields:
            masks.append(_among(table[_field_column(request.layer)], _chosen_fields(fields, request, farms)))
    if not masks:
        return None
    mask = masks[0]
    for other in masks[1:]:
        mask = pc.and_(mask, other)
    return mask.combine_chunks()


def _fields_of(snapshot: Snapshot, layer: Layer, table: pa.Table) -> pa.Table:
    """Give the columns of the fields by which rows of other layers are found too."""
    return known_crops(table.select(_BY_FIELD)) if layer is Layer.FIELDS else _read_fields(snapshot)


def _read_fields(snapshot: Snapshot) -> pa.Table:
    return known_crops(pq.read_table(_require_sound(snapshot, Layer.FIELDS), columns=_BY_FIELD))


def _field_column(layer: Layer) -> str:
    if layer is Layer.AREAS:
        raise RequestError(
            N_("The “{layer}” belong to a farm, not to a field: they can be chosen by farm, not by crop or field."),
            layer=layer.value,
        )
    return "id" if layer is Layer.FIELDS else "lote_id"


def _chosen_fields(fields: pa.Table, request: ExportRequest, farms: set[str]) -> set[str]:
    fields = _among_chosen(fields, farms, find_crops(pc.unique(fields["cultivo"]).to_pylist(), request.crops))
    if not request.fields:
        return set(fields["id"].to_pylist())
    return _fields_found(_names(fields, "id", NAME_COLUMN[Layer.FIELDS]), request.fields)


def _among_chosen(fields: pa.Table, farms: Collection[str], crops: Collection[str]) -> pa.Table:
    if crops:
        fields = fields.filter(_among(fields["cultivo"].fill_null(NO_CROP), crops))
    return fields.filter(_among(fields["campo_id"], farms)) if farms else fields


def _names(table: pa.Table, ids: str, names: str) -> dict[str, str]:
    pairs = zip(table[ids].to_pylist(), table[names].to_pylist(), strict=True)
    return {id_: name or "" for id_, name in pairs if id_ is not None}


def _among(column: pa.ChunkedArray, values: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def _fields_found(known: Mapping[str, str], wanted: Sequence[str]) -> set[str]:
    """Find the ids of all fields that are meant: each by id, else by exact name, else without case and accents."""
    found: set[str] = set()
    for text in wanted:
        ids = find_named(text, known)
        if not ids:
            raise _no_field(text, ", ".join(names_like(text, known.values())) or "-")
        found.update(ids)
    return found


def _no_field(name: str, alike: str) -> RequestError:
    return RequestError(
        N_("Among the chosen farms and crops there is no field “{name}”. Alike: {alike}."), name=name, alike=alike
    )
