"""What differs between two snapshots, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from modules.changes.kinds import Kind

#: A smaller difference is written as `0 ha`.
LEAST_TOLD_HA: Final = 0.05
#: A value of an attribute: text, number, or none.
Value = str | float | None


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """A column of a field whose value is another one."""

    column: str
    before: Value
    now: Value


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field as one of the two snapshots has it; hectares are geodesic."""

    name: str
    farm: str
    crop: str | None
    hectares: float
    farm_id: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, by the portal's id.

    kinds:        all that happened to it, the leading one first
    before, now:  None where that snapshot does not have the field
    differing_ha: of the symmetric difference of its outlines, where both snapshots have it and they differ
    shift_m:      metres between the centres of a moved field's outlines
    attributes:   columns that changed, the name (`lote`) among them
    relatives:    ids of the fields it was split into or merged from, or of the one it became a part of
    """

    id: str
    kinds: tuple[Kind, ...]
    before: FieldFacts | None
    now: FieldFacts | None
    differing_ha: float | None = None
    shift_m: float | None = None
    attributes: tuple[AttributeChange, ...] = ()
    relatives: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What leads."""
        return self.kinds[0]

    @property
    def latest(self) -> FieldFacts:
        """How it is now, or how it was before it went."""
        facts = self.now or self.before
        assert facts is not None  # noqa: S101  (a field that neither has did not change)
        return facts

    @property
    def gained_ha(self) -> float:
        """Hectares more than before; negative for less."""
        return (self.now.hectares if self.now else 0.0) - (self.before.hectares if self.before else 0.0)


@dataclass(frozen=True, slots=True)
class Family:
    """One field that became several (`kind` is SPLIT) or several that became one (MERGED), by their ids."""

    kind: Kind
    one: str
    several: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Fields and geodesic hectares of a farm or crop. `id` is that of the farm; of a crop its name, empty for none."""

    id: str
    name: str
    fields_before: int
    fields_now: int
    hectares_before: float
    hectares_now: float

    @property
    def gained_ha(self) -> float:
        """Hectares more than before; negative for less."""
        return self.hectares_now - self.hectares_before

    @property
    def differs(self) -> bool:
        """Tell whether it has more or fewer fields, or hectares by more than is written as nothing."""
        return self.fields_before != self.fields_now or abs(self.gained_ha) >= LEAST_TOLD_HA


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """Rows of a layer: how many there were and are, and by id how many are new, gone, or no longer the same."""

    before: int
    now: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Changes:
    """What differs between two snapshots of one scope.

    fields:   sorted by id, each that differs once
    farms, crops: all of them, also those that are as they were
    layers:   counts of each layer, by its name; of the fields those that `fields` tells
    """

    fields: Sequence[FieldChange]
    families: Sequence[Family]
    farms: Sequence[Balance]
    crops: Sequence[Balance]
    layers: Mapping[str, LayerCounts] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, FieldChange]:
        """The fields that differ."""
        return {change.id: change for change in self.fields}

    @property
    def hectares_before(self) -> float:
        """Of all fields, geodesic."""
        return sum(farm.hectares_before for farm in self.farms)

    @property
    def hectares_now(self) -> float:
        """Of all fields, geodesic."""
        return sum(farm.hectares_now for farm in self.farms)

    @property
    def gained_ha(self) -> float:
        """Hectares more than before; negative for less."""
        return self.hectares_now - self.hectares_before

    @property
    def nothing(self) -> bool:
        """Tell whether all layers are as they were."""
        return not self.fields and not any(each.added + each.removed + each.changed for each in self.layers.values())

    def count(self, kind: Kind) -> int:
        """Count the fields to which it happened, whatever else did; of splits and merges, how many there were."""
        if kind in (Kind.SPLIT, Kind.MERGED):
            return sum(family.kind is kind for family in self.families)
        return sum(kind in change.kinds for change in self.fields)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "counts": {kind.value: self.count(kind) for kind in Kind},
            "hectares": _told_balance(self.hectares_before, self.hectares_now),
            "layers": {
                name: {part: getattr(each, part) for part in LayerCounts.__slots__}
                for name, each in self.layers.items()
            },
            "farms": [_told(each) for each in self.farms],
            "crops": [_told(each) for each in self.crops],
            "families": [
                {"kind": each.kind.value, "one": each.one, "several": list(each.several)} for each in self.families
            ],
            "fields": [_told_field(each) for each in self.fields],
        }


def _told(balance: Balance) -> dict[str, Any]:
    return {
        "id": balance.id,
        "name": balance.name,
        "fields_before": balance.fields_before,
        "fields_now": balance.fields_now,
        **_told_balance(balance.hectares_before, balance.hectares_now),
    }


def _told_balance(before: float, now: float) -> dict[str, float]:
    return {"before": round(before, 4), "now": round(now, 4), "difference": round(now - before, 4) + 0.0}  # no -0.0


def _told_field(change: FieldChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "kinds": [kind.value for kind in change.kinds],
        "before": _told_facts(change.before),
        "now": _told_facts(change.now),
        "differing_ha": None if change.differing_ha is None else round(change.differing_ha, 4),
        "shift_m": None if change.shift_m is None else round(change.shift_m, 1),
        "attributes": [{"column": each.column, "before": each.before, "now": each.now} for each in change.attributes],
        "relatives": list(change.relatives),
    }


def _told_facts(facts: FieldFacts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {"name": facts.name, "farm": facts.farm, "crop": facts.crop, "hectares": round(facts.hectares, 4)}
