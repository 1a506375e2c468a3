"""What grew in a field and how large it was, by season and backup."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.i18n import formats
from modules.snapshots.store import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from modules.snapshots.store import Snapshot

#: Of the season on the map, so many backups are looked at: a month of nights, some milliseconds each the first time.
_LOOKED_AT: Final = 30


def history(home: Path, snapshot: Snapshot, identity: str) -> list[dict[str, str]]:
    """Tell crop and hectares of a field, the newest first: `season`, `crop`, `hectares` and `since`.

    The season of the snapshot on the map is told from that snapshot and those before it, a line for each time that
    something became otherwise, with the moment of the first of them that says so; without one where that is the oldest
    that is looked at and there are older ones. Other seasons are told as the newest
    backup of each has them, without a moment. What a backup that cannot be read would say is left out.
    """
    published = SnapshotStore(home, snapshot.scope.environment).published()
    told = []
    for season in sorted({each.manifest.season for each in published} | {snapshot.manifest.season}, reverse=True):
        of_season = [each for each in published if each.manifest.season == season]
        if season == snapshot.manifest.season:
            looked_at, is_all = _until(snapshot, of_season)
            lines = list(_lines(identity, looked_at))
            if lines and not is_all:
                lines[0] |= {"since": ""}  # it may have been so before: nobody looked further back
        else:
            newest = next((each for each in of_season if each.scope.whole), of_season[0])
            lines = [line | {"since": ""} for line in _lines(identity, [newest])]
        told += [{"season": season} | line for line in reversed(lines)]
    return told


def _until(snapshot: Snapshot, of_season: Sequence[Snapshot]) -> tuple[list[Snapshot], bool]:
    """Give a snapshot behind those of its season before it, the oldest first, and whether these are all of them."""
    at = snapshot.manifest.started_at
    before = [each for each in of_season if each.id != snapshot.id and each.manifest.started_at <= at]
    return [*reversed(before[: _LOOKED_AT - 1]), snapshot], len(before) < _LOOKED_AT


def _lines(identity: str, snapshots: Iterable[Snapshot]) -> Iterator[dict[str, str]]:
    """Give what snapshots, the oldest first, say of a field, once for each time that it is not as before."""
    import pyarrow as pa

    last: dict[str, str] = {}
    for snapshot in snapshots:
        try:
            row = _row(snapshot.path, identity)
        except (OSError, pa.ArrowException):
            continue
        if row is not None:
            crop, hectares = row
            now = {"crop": crop or NO_CROP, "hectares": formats.hectares(hectares)}
            if now != last:
                yield now | {"since": formats.recent(snapshot.manifest.started_at)}
            last = now


@lru_cache(maxsize=4096)
def _row(folder: Path, identity: str) -> tuple[str | None, float] | None:
    """Read crop and hectares of a field from a snapshot, which never changes; None where it is not in it.

    Raises OSError and ArrowException for what cannot be read now: that is not kept, and the next one reads it again.
    """
    import pyarrow.parquet as pq

    path = folder / f"{Layer.FIELDS}.parquet"
    found = pq.read_table(path, columns=["cultivo", HECTARES], filters=[("id", "=", identity)]).to_pylist()
    return (found[0]["cultivo"], found[0][HECTARES]) if found else None
