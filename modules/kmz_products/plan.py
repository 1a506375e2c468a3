"""Which files a product has, and which rows of the layers stand in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from modules.domain.choice import find_crops, find_farms
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.domain.season import Season
from modules.kmz_products.request import Product
from modules.kmz_products.sheets import NONE, Numbers, Sheets
from modules.storage.safe_names import safe_names_by_id

KMZ: Final = "kmz"
_NO_ROWS: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of a product. Rows are in the order in which they stand in it.

    name:  its file name; `title` is what it was called before that was made safe
    farms: ids of the farms, `crops`: names of the crops that it has to do with
    """

    name: str
    title: str
    farms: Sequence[str]
    crops: Sequence[str]
    fields: Numbers
    zones: Numbers
    markers: Numbers

    @property
    def rows(self) -> int:
        """How many features of the snapshot stand in it."""
        return len(self.fields) + len(self.zones) + len(self.markers)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose files are made anew: ids of farms and names of crops; empty means all."""

    farms: frozenset[str] = frozenset()
    crops: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Tell whether it leaves nothing out."""
        return not self.farms and not self.crops

    def takes(self, farms: Iterable[str], crops: Iterable[str]) -> bool:
        """Tell whether a file of these farms and crops is one of those chosen."""
        return (not self.farms or not self.farms.isdisjoint(farms)) and (
            not self.crops or not self.crops.isdisjoint(crops)
        )


def resolve_choice(sheets: Sheets, farms: Sequence[str], crops: Sequence[str]) -> Choice:
    """Find farms by id or name and crops by name. Raises RequestError for one that is not there, or is not one."""
    known = dict(zip(sheets.farm_ids, sheets.farm_names, strict=True))
    return Choice(frozenset(find_farms(known, farms)), frozenset(find_crops(sheets.crops.values, crops)))


def fields_of(sheets: Sheets, choice: Choice) -> Numbers:
    """Tell which fields are those of a choice: of its farms with its crops."""
    kept = np.ones(len(sheets.fields.table), dtype=bool)
    if choice.farms:
        farms = [number for number, farm in enumerate(sheets.farm_ids) if farm in choice.farms]
        kept &= np.isin(sheets.farm_of[Layer.FIELDS], farms)
    if choice.crops:
        crops = [number for number, crop in enumerate(sheets.crops.values) if (crop or NO_CROP) in choice.crops]
        kept &= np.isin(sheets.crops.codes, crops)
    return np.flatnonzero(kept)


def plan(product: Product, sheets: Sheets, season: Season, folder: Path) -> list[PlannedFile]:
    """List all files of a product, whatever was chosen: their names depend on each other."""
    keys, groups = _KEYS[product](sheets)
    titles = {key: title for key, (title, _farms, _crops) in keys.items()}
    names = safe_names_by_id(titles, f" {season.folder}.{KMZ}", folder=folder)
    return [
        PlannedFile(names[key], title, farms, crops, *(group.get(key, _NO_ROWS) for group in groups))
        for key, (title, farms, crops) in keys.items()
    ]


_Keys = dict[str, tuple[str, Sequence[str], Sequence[str]]]
_Groups = tuple[dict[str, Numbers], dict[str, Numbers], dict[str, Numbers]]


def _by_farm(sheets: Sheets) -> tuple[_Keys, _Groups]:
    farm_of, ranks = sheets.farm_of, sheets.ranks
    order = {
        Layer.FIELDS: (ranks[Layer.FIELDS], sheets.crop_ranks[sheets.crops.codes], farm_of[Layer.FIELDS]),
        Layer.ZONES: (ranks[Layer.ZONES], _field_ranks(sheets, Layer.ZONES), farm_of[Layer.ZONES]),
        Layer.MARKERS: (ranks[Layer.MARKERS], sheets.kinds.codes, farm_of[Layer.MARKERS]),
    }
    parts = {layer: _groups(np.lexsort(order[layer]), farm_of[layer]) for layer in order}
    farms = sorted(set().union(*parts.values()), key=lambda farm: (farm == NONE, farm))
    keys: _Keys = {}
    for farm in farms:
        crops = _crop_names(sheets, parts[Layer.FIELDS].get(farm, _NO_ROWS))
        keys[_farm_key(sheets, farm)] = sheets.farm_name(farm), _farm_ids(sheets, farm), crops
    return keys, _named(parts, lambda farm: _farm_key(sheets, farm))


def _by_crop_and_farm(sheets: Sheets) -> tuple[_Keys, _Groups]:
    farm, crop = sheets.farm_of[Layer.FIELDS], sheets.crop_ranks[sheets.crops.codes]
    by_rank = np.argsort(sheets.crop_ranks)
    count = len(sheets.farm_ids) + 1
    both = crop * count + farm
    parts = _groups(np.lexsort((sheets.ranks[Layer.FIELDS], both)), both)

    def key(group: int) -> str:
        return repr((_crop_key(sheets, by_rank[group // count]), _farm_key(sheets, group % count)))

    keys: _Keys = {}
    for group in parts:
        name, owner = sheets.crop_name(by_rank[group // count]), group % count
        title = f"{name} - {sheets.farm_name(owner)}"
        keys[key(group)] = title, _farm_ids(sheets, owner), [name]
    return keys, _named({Layer.FIELDS: parts}, key)


def _by_crop(sheets: Sheets) -> tuple[_Keys, _Groups]:
    farm, crop = sheets.farm_of[Layer.FIELDS], sheets.crop_ranks[sheets.crops.codes]
    by_rank = np.argsort(sheets.crop_ranks)
    parts = _groups(np.lexsort((sheets.ranks[Layer.FIELDS], farm, crop)), crop)

    def key(group: int) -> str:
        return _crop_key(sheets, by_rank[group])

    keys: _Keys = {}
    for group, rows in parts.items():
        name = sheets.crop_name(by_rank[group])
        keys[key(group)] = name, [sheets.farm_ids[each] for each in np.unique(farm[rows])], [name]
    return keys, _named({Layer.FIELDS: parts}, key)


def _by_field(sheets: Sheets) -> tuple[_Keys, _Groups]:
    farm = sheets.farm_of[Layer.FIELDS]
    order = np.lexsort((sheets.ranks[Layer.FIELDS], farm))
    ids, names, owners = sheets.fields.table["id"].to_pylist(), sheets.field_names, farm.tolist()
    keys: _Keys = {}
    for row in order.tolist():
        crops = [sheets.crop_name(sheets.crops.codes[row])]
        keys[ids[row]] = _field_title(sheets.farm_name(owners[row]), names[row]), _farm_ids(sheets, owners[row]), crops
    parts = {Layer.FIELDS: {row: order[place : place + 1] for place, row in enumerate(order.tolist())}}
    for layer in (Layer.ZONES, Layer.MARKERS):
        field = sheets.field_of[layer]
        parts[layer] = _groups(np.lexsort((sheets.ranks[layer], field)), field)
        parts[layer].pop(NONE, None)
    return keys, _named(parts, ids.__getitem__)


_KEYS: Final[dict[Product, Callable[[Sheets], tuple[_Keys, _Groups]]]] = {
    Product.BY_FARM: _by_farm,
    Product.BY_CROP_AND_FARM: _by_crop_and_farm,
    Product.BY_CROP: _by_crop,
    Product.BY_FIELD: _by_field,
}


def _groups(order: Numbers, codes: Numbers) -> dict[int, Numbers]:
    """Cut rows, ordered so that equal codes stand together, into those of each code."""
    sorted_codes = codes[order]
    starts = np.flatnonzero(np.concatenate([[len(order) > 0], sorted_codes[1:] != sorted_codes[:-1]])[: len(order)])
    return dict(zip(sorted_codes[starts].tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else {}


def _named(parts: dict[Layer, dict[int, Numbers]], key: Callable[[int], str]) -> _Groups:
    fields, zones, markers = (
        {key(group): rows for group, rows in parts.get(layer, {}).items()}
        for layer in (Layer.FIELDS, Layer.ZONES, Layer.MARKERS)
    )
    return fields, zones, markers


def _field_ranks(sheets: Sheets, layer: Layer) -> Numbers:
    """The place of each row's field by name; rows without a field come last."""
    field = sheets.field_of[layer]
    return np.where(field == NONE, len(sheets.field_names), sheets.ranks[Layer.FIELDS][field])


def _crop_names(sheets: Sheets, rows: Numbers) -> list[str]:
    return [sheets.crop_name(crop) for crop in np.unique(sheets.crops.codes[rows])]


def _crop_key(sheets: Sheets, crop: int) -> str:
    return _key(sheets.crops.values[crop])


def _farm_key(sheets: Sheets, farm: int) -> str:
    return _key(sheets.farm_ids[farm] if farm != NONE else None)


def _key(value: str | None) -> str:
    """Make a key of any text, and one that no text has of none."""
    return "" if value is None else f"={value}"


def _farm_ids(sheets: Sheets, farm: int) -> list[str]:
    return [sheets.farm_ids[farm]] if farm != NONE else []


def _field_title(farm: str, field: str) -> str:
    """Join farm and field, but for a field whose name tells its farm already."""
    return field if f" {farm} ".casefold() in f" {field} ".casefold() else f"{farm} - {field}"
