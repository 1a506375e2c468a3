"""The layers of a snapshot as the products need them: farms, crops and fields as numbers, and the order of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.domain.choice import known_crops, named_farms
from modules.domain.columns import HECTARES
from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.names import NO_CROP, NO_FARM, natural_key
from modules.snapshots.layers import CheckedLayer

Numbers = NDArray[np.int64]
#: What files and folders are called whose rows name no field.
NO_FIELD = "sin lote"
#: The number of a farm or field that a row does not have.
NONE = -1


@dataclass(frozen=True, slots=True)
class Values:
    """The distinct values of a column, and the number of each row's, shape (n,)."""

    values: Sequence[str | None]
    codes: Numbers


@dataclass(frozen=True)
class Sheets:
    """Fields, zones and markers of a snapshot; farms in the order of their names, the nameless last.

    farm_of, field_of: the number of each row's farm and field by layer; NONE where it has none
    """

    fields: CheckedLayer
    zones: CheckedLayer
    markers: CheckedLayer
    farm_ids: Sequence[str]
    farm_names: Sequence[str]
    farm_of: dict[Layer, Numbers]
    field_of: dict[Layer, Numbers]

    @classmethod
    def of(cls, fields: CheckedLayer, zones: CheckedLayer, markers: CheckedLayer) -> Sheets:
        """Number what the layers name. A row without a farm has that of its field."""
        layers = (fields, zones, markers)
        names = named_farms([layer.table for layer in layers])
        order = sorted(names, key=lambda farm: (natural_key(names[farm]), farm))
        known_farms, known_fields = pa.array(order, pa.string()), fields.table["id"].combine_chunks()
        field_of = {Layer.FIELDS: np.arange(len(fields.table), dtype=np.int64)}
        farm_of = {Layer.FIELDS: _numbers(fields.table["campo_id"], known_farms)}
        for layer in (zones, markers):
            field_of[layer.layer] = field = _numbers(layer.table["lote_id"], known_fields)
            farm = _numbers(layer.table["campo_id"], known_farms)
            lacking = (farm == NONE) & (field != NONE)
            farm[lacking] = farm_of[Layer.FIELDS][field[lacking]]
            farm_of[layer.layer] = farm
        return cls(fields, zones, markers, order, [names[farm] for farm in order], farm_of, field_of)

    @cached_property
    def crops(self) -> Values:
        """Crops of the fields; None where none is known."""
        return distinct(known_crops(self.fields.table)["cultivo"])

    @cached_property
    def classes(self) -> Values:
        """Classes of the zones; None where none is known."""
        return distinct(self.zones.table["clase"])

    @cached_property
    def kinds(self) -> Values:
        """Kinds of the markers."""
        return distinct(self.markers.table["tipo"])

    @cached_property
    def field_names(self) -> list[str]:
        """The name of each field."""
        names: list[str] = self.fields.table["lote"].to_pylist()
        return names

    @cached_property
    def hectares(self) -> NDArray[np.float64]:
        """Geodesic hectares of each field."""
        return np.asarray(self.fields.table[HECTARES].to_numpy())

    @cached_property
    def has_zones(self) -> NDArray[np.bool_]:
        """Tell of each field whether it has zones."""
        has = np.zeros(len(self.fields.table), dtype=bool)
        owners = self.field_of[Layer.ZONES]
        has[owners[owners != NONE]] = True
        return has

    @cached_property
    def ranks(self) -> dict[Layer, Numbers]:
        """The place of each row in its layer by name, numbers in names counted as such."""
        return {each.layer: _ranks(each) for each in (self.fields, self.zones, self.markers)}

    @cached_property
    def crop_ranks(self) -> Numbers:
        """The place of each crop by name, none last."""
        return _order_of([(crop is None, natural_key(crop or "")) for crop in self.crops.values])

    def farm_name(self, farm: int) -> str:
        """Name a farm, or say that there is none."""
        return self.farm_names[farm] if farm != NONE else NO_FARM

    def crop_name(self, crop: int) -> str:
        """Name a crop, or say that there is none."""
        return self.crops.values[crop] or NO_CROP

    def field_title(self, field: int) -> str:
        """Name a field, or say that there is none."""
        return self.field_names[field] if field != NONE else NO_FIELD


def distinct(column: pa.ChunkedArray) -> Values:
    """Number the values of a text column, null among them."""
    encoded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
    return Values(encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))


def _numbers(ids: pa.ChunkedArray, known: pa.Array) -> Numbers:
    found = pc.index_in(ids.combine_chunks(), value_set=known).fill_null(NONE)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _ranks(layer: CheckedLayer) -> Numbers:
    """Rank rows by name. Names repeat from farm to farm; rows of one name keep the order of the snapshot, by id."""
    names = distinct(layer.table[NAME_COLUMN[layer.layer]])
    by_name = _order_of([natural_key(name or "") for name in names.values])[names.codes]
    ranks = np.empty(len(by_name), dtype=np.int64)
    ranks[np.argsort(by_name, kind="stable")] = np.arange(len(by_name))
    return ranks


def _order_of(keys: Sequence[object]) -> Numbers:
    """Rank keys; equal ones keep their order."""
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))  # type: ignore[arg-type]
    return ranks
