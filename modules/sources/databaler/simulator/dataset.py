"""What the simulator serves, whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from modules.domain.layers import Layer
from modules.domain.season import Season


@dataclass(frozen=True, slots=True)
class FarmRecord:
    """A farm as `/campos` tells it; `updated_at` is an ISO 8601 instant in UTC."""

    id: str
    nombre: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Features:
    """A layer of a season: GeoJSON features already encoded, and the farm of each, in the same order."""

    bodies: Sequence[bytes]
    farm_ids: Sequence[str | None]

    def of_farms(self, farms: frozenset[str]) -> Sequence[bytes]:
        """Select the features of `farms`; an empty set means all."""
        if not farms:
            return self.bodies
        return [body for body, farm in zip(self.bodies, self.farm_ids, strict=True) if farm in farms]


class Dataset(Protocol):
    """Farms, seasons and features, ready to be served."""

    farms: Sequence[FarmRecord]
    seasons: Sequence[Season]

    def features(self, layer: Layer, season: Season) -> Features:
        """Give the features of a layer in a season; none for a season that is not known."""
