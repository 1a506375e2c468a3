"""The backup that something is made from: which one it is, and what can be chosen of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.choices import Choices
from modules.domain.farm import Farm
from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import SnapshotError
from modules.i18n import N_
from modules.snapshots.manifest import read_manifest
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.typed import typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from modules.environments import Environment
    from modules.snapshots.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Basis:
    """What a season's backups offer. Without a backup of that season only the seasons are there.

    manifest: of the newest backup of all farms; where there is none, of the newest one of some
    """

    choices: Choices
    manifest: Manifest | None = None

    @property
    def whole(self) -> bool:
        """Tell whether it holds all farms, and at least one field."""
        return self.manifest is not None and not self.manifest.farms and not self.manifest.empty


def basis(home: Path, environment: Environment, season: Season) -> Basis:
    """Find what can be made something from. Raises SnapshotError for a backup whose fields cannot be read."""
    published = SnapshotStore(home, environment).published()
    seasons = list(dict.fromkeys(str(each.scope.season) for each in published))
    of_season = [each for each in published if each.scope.season == season]
    chosen = next((each for each in of_season if each.scope.whole), of_season[0] if of_season else None)
    if chosen is None:
        return Basis(Choices(seasons))
    farms, crops, crops_of = _offered(chosen)
    return Basis(Choices(seasons, farms, crops, crops_of), chosen.manifest)


def _offered(snapshot: Snapshot) -> tuple[Sequence[Farm], Sequence[str], Mapping[str, set[str]]]:
    """Read the farms by name, the crops, of which the lack of one comes last, and those of each farm."""
    # These are heavy, and the pages that show no form do without them.
    import pyarrow as pa
    import pyarrow.parquet as pq

    from modules.domain.choice import known_crops
    from modules.domain.names import NO_CROP

    try:
        path = snapshot.path / f"{Layer.FIELDS}.parquet"
        columns = ["campo_id", "campo", "cultivo"]
        pairs = known_crops(pq.read_table(path, columns=columns)).group_by(columns).aggregate([]).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise SnapshotError(
            N_("The backup {snapshot} cannot be read. Verify it with: {command}"),
            snapshot=snapshot.id,
            command=typed("snapshots verify"),
        ) from error
    farms = {row["campo_id"]: Farm(row["campo_id"], row["campo"]) for row in pairs}
    crops_of: dict[str, set[str]] = {}
    for row in pairs:
        crops_of.setdefault(row["campo_id"], set()).add(row["cultivo"] or NO_CROP)
    crops = set().union(*crops_of.values())
    return (
        sorted(farms.values(), key=lambda farm: (farm.name.casefold(), farm.id)),
        sorted(crops, key=lambda crop: (crop == NO_CROP, crop.casefold())),
        crops_of,
    )


def find(home: Path, environment: Environment, season: str, snapshot: str) -> Snapshot | None:
    """Find a published snapshot by its season and id; None when it is gone."""
    folder = SnapshotStore(home, environment).season_folder(Season.parse(season)) / snapshot
    try:
        return Snapshot(folder, read_manifest(folder), held_back=False)
    except SnapshotError:
        return None
