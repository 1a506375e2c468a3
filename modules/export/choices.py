"""What a snapshot offers to choose from: farms, crops, fields, and where they lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from modules.domain.choice import known_crops, named_farms
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP, natural_key
from modules.errors import SnapshotError
from modules.exporters.geoparquet import BBOX
from modules.i18n import N_
from modules.snapshots.store import Snapshot


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that can be chosen. bounds: west, south, east, north in degrees."""

    id: str
    name: str
    farm: str
    crop: str
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: names of farms by their ids, and fields, both in the order of their names."""

    farms: Mapping[str, str]
    fields: Sequence[FieldChoice]

    def crops(self, farms: Collection[str] = ()) -> list[str]:
        """List the crops of some farms, all where none is given; fields without one come last."""
        found = {field.crop for field in self.within(farms)}
        return sorted(found, key=lambda crop: (crop == NO_CROP, natural_key(crop)))

    def within(self, farms: Collection[str] = (), crops: Collection[str] = ()) -> list[FieldChoice]:
        """List the fields of some farms and crops; what is empty does not filter."""
        return [
            field for field in self.fields if (not farms or field.farm in farms) and (not crops or field.crop in crops)
        ]

    def farm_words(self, farms: Sequence[str]) -> list[str]:
        """Name farms as an export understands them: by name, or by id where several have the name."""
        return _words(self.farms, farms)

    def field_words(self, fields: Sequence[str], among: Sequence[FieldChoice]) -> list[str]:
        """Name fields as an export understands them that has chosen `among` by farm and crop."""
        return _words({field.id: field.name for field in among}, fields)


def read_choices(snapshot: Snapshot) -> Choices:
    """Read what a snapshot offers. Raises SnapshotError for one that cannot be read."""
    try:
        farms = _farms(snapshot)
        fields = _fields(snapshot)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise SnapshotError(
            N_("The files of backup {snapshot} cannot be read. Choose another backup."), snapshot=snapshot.id
        ) from error
    return Choices(
        dict(sorted(farms.items(), key=lambda farm: (natural_key(farm[1]), farm[0]))),
        sorted(fields, key=lambda field: (natural_key(field.name), natural_key(farms.get(field.farm, "")), field.id)),
    )


def bounds_of(fields: Sequence[FieldChoice]) -> NDArray[np.float64]:
    """Give the boxes of fields, shape (n, 4), degrees."""
    return np.array([field.bounds for field in fields], dtype=np.float64).reshape(-1, 4)


def _farms(snapshot: Snapshot) -> dict[str, str]:
    """Farms of all layers: one may have areas and no field."""
    paths = (snapshot.path / f"{layer}.parquet" for layer in Layer)
    return named_farms(pq.read_table(path, columns=["campo_id", "campo"]) for path in paths)


def _fields(snapshot: Snapshot) -> list[FieldChoice]:
    columns = ["id", "lote", "campo_id", "cultivo", BBOX]
    table = known_crops(pq.read_table(snapshot.path / f"{Layer.FIELDS}.parquet", columns=columns))
    boxes = zip(*(edge.to_pylist() for edge in table[BBOX].combine_chunks().flatten()), strict=True)
    texts = (table["id"], table["lote"], table["campo_id"], table["cultivo"].fill_null(NO_CROP))
    rows = zip(*(column.to_pylist() for column in texts), boxes, strict=True)
    return [FieldChoice(*row) for row in rows]


def _words(names: Mapping[str, str], chosen: Sequence[str]) -> list[str]:
    all_names = list(names.values())
    counts = {name: all_names.count(name) for name in {names[each] for each in chosen}}
    return [
        each if not names[each].strip() or counts[names[each]] > 1 or names[each] in names else names[each]
        for each in chosen
    ]
