"""What the map has to show: the backups to choose from, and the rows of their layers without outlines.

Outlines go from `app.services.tiles` to the browser; here are names, crops and hectares, for the table, the legend and
the choices. A finished snapshot never changes, so what was read of it is kept.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from app.services.kept import Kept
from modules.domain.columns import HECTARES
from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.names import NO_CROP
from modules.environments import Environment
from modules.errors import SnapshotError
from modules.i18n import N_
from modules.settings import load_settings
from modules.snapshots.store import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from modules.h3_grid.stored import StoredGrid
    from modules.snapshots.store import Snapshot

#: Columns of the Parquet files that are for programs.
_FOR_PROGRAMS: Final = ("geometry", "bbox", "huella_geometria", "huella_atributos")
_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Whose rows are looked at: ids of farms and names of crops (`sin cultivo` for none); empty means all."""

    farms: tuple[str, ...] = ()
    crops: tuple[str, ...] = ()

    def within(self, rows: pa.Table) -> pa.Table:
        """Keep the rows of these farms and crops; rows of layers without a crop are kept whatever it is."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for column, wanted in (("campo_id", self.farms), ("cultivo", self.crops)):
            if wanted and column in rows.column_names:
                told = rows[column].fill_null(NO_CROP) if column == "cultivo" else rows[column]
                rows = rows.filter(pc.is_in(told, value_set=pa.array(wanted, pa.string())))
        return rows


def grid_of(stored: Sequence[StoredGrid], season: str) -> StoredGrid | None:
    """Give the grid that the map shows beside a backup of a season: the first one of that season that can be read."""
    return next((each for each in stored if each.resolution and each.season == season), None)


def newest_of(found: Sequence[Snapshot], season: str | None = None) -> Snapshot | None:
    """Give the first of some snapshots, of a season or of any; one of all farms goes before one of some."""
    those = [each for each in found if season is None or each.manifest.season == season]
    return next((each for each in those if each.scope.whole), those[0] if those else None)


def snapshots(home: Path, environment: Environment) -> list[Snapshot]:
    """List the published snapshots, the newest first."""
    return SnapshotStore(home, environment).published()


def warm(home: Path) -> None:
    """Read what the first visitor of each environment will look at; what cannot be read is told when they do."""
    for environment in Environment:
        newest = next((each for each in snapshots(home, environment) if each.scope.whole), None)
        if newest is not None:
            with suppress(SnapshotError):
                for layer in Layer:
                    rows(newest, layer)


def comparable(snapshot: Snapshot, others: Sequence[Snapshot]) -> list[Snapshot]:
    """Tell which of other snapshots it can be compared with: those of the same farms, the newest before it first."""
    same = [each for each in others if each.id != snapshot.id and each.scope.farms == snapshot.scope.farms]
    older = [each for each in same if each.manifest.started_at <= snapshot.manifest.started_at]
    return [*older, *(each for each in same if each not in older)]


def rows(snapshot: Snapshot, layer: Layer) -> pa.Table:
    """Give the rows of a layer, by farm and name as people order them, without geometry.

    Raises SnapshotError for a snapshot whose files cannot be read.
    """
    kept, key = _kept_rows(), (snapshot.path, layer)
    found = kept.get(key)
    if found is None:
        found = _rows(snapshot.path, snapshot.id, layer)
        kept.put(key, found, found.nbytes)
    return found


@cache
def _kept_rows() -> Kept[pa.Table]:
    """Those of 100,000 fields weigh 30 MB."""
    return Kept(load_settings().rows_memory_mb * _MB)


def _rows(path: Path, snapshot: str, layer: Layer) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from modules.domain.choice import known_crops
    from modules.tiles.snapshots import with_crop_of_field

    try:
        with pq.ParquetFile(path / f"{layer}.parquet") as file:
            table = file.read(columns=[name for name in file.schema_arrow.names if name not in _FOR_PROGRAMS])
        if layer in (Layer.ZONES, Layer.MARKERS):
            table = with_crop_of_field(table, path / f"{Layer.FIELDS}.parquet")
        table = known_crops(table)
    except (OSError, pa.ArrowException) as error:
        raise SnapshotError(
            N_("The files of backup {snapshot} cannot be read. Choose another backup."), snapshot=snapshot
        ) from error
    return taken(table, _order(table, layer))


def _order(table: pa.Table, layer: Layer) -> NDArray[np.int64]:
    """Order rows by farm and name, numbers in names counted as such; shape (n,), the places of rows."""
    import numpy as np

    return np.lexsort((_ranks(table[NAME_COLUMN[layer]]), _ranks(table["campo"])))


def _ranks(names: pa.ChunkedArray) -> NDArray[np.int64]:
    """Rank names as people order them, the same for those that differ in nothing that counts; none comes first.

    Each name is looked at once, however many rows have it.
    """
    import numpy as np

    from modules.domain.names import natural_key

    coded = names.combine_chunks().dictionary_encode(null_encoding="encode")
    keys = [natural_key(name or "") for name in coded.dictionary.to_pylist()]
    rank_of = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    ranks = np.array([rank_of[key] for key in keys], np.int64)
    return ranks[coded.indices.to_numpy()] if len(ranks) else np.zeros(0, np.int64)


def farms(rows: pa.Table) -> dict[str, str | None]:
    """Give the names of the farms of rows by their ids, in the order of the rows."""
    found = rows.group_by("campo_id", use_threads=False).aggregate([("campo", "first")])
    return dict(zip(found["campo_id"].to_pylist(), found["campo_first"].to_pylist(), strict=True))


def crops(rows: pa.Table) -> list[str]:
    """Give the names of the crops of rows in alphabetical order, `sin cultivo` among them where some have none."""
    return sorted({crop or NO_CROP for crop in rows["cultivo"].unique().to_pylist()})


def taken(rows: pa.Table, places: Sequence[int] | NDArray[np.int64]) -> pa.Table:
    """Give the rows at some places, which may be none."""
    import pyarrow as pa

    return rows.take(pa.array(places, pa.int64()))


def places_of(fields: pa.Table, wanted: Collection[str]) -> list[int]:
    """Tell in which rows the fields with these ids stand; those that are not there are left out."""
    found = {each: place for place, each in enumerate(fields["id"].to_pylist())} if wanted else {}
    return sorted(found[each] for each in wanted if each in found)


def hectares_of(fields: pa.Table, wanted: Sequence[str]) -> list[float | None]:
    """Give the geodesic hectares of the fields with these ids, in their order; None for one that is not there."""
    found = taken(fields, places_of(fields, wanted))
    known = dict(zip(found["id"].to_pylist(), found[HECTARES].to_pylist(), strict=True))
    return [known.get(each) for each in wanted]


def bounds_of(chosen: Sequence[Snapshot]) -> tuple[float, float, float, float] | None:
    """Give the box around snapshots: west, south, east, north in degrees; None where they hold nothing."""
    boxes = [each.manifest.bounds for each in chosen if each.manifest.bounds is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
