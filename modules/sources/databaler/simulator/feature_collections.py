"""Pages of feature collections, joined from features that were encoded before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.sources.databaler.simulator.corruption import corrupt, renamed
from modules.sources.databaler.simulator.dataset import Dataset
from modules.sources.databaler.simulator.faults import Faults

#: Selections (layer, season, farms) kept at hand.
_SELECTIONS: Final = 64


class Collections:
    """The pages of a dataset's layers, spoiled by the faults that concern pages and features."""

    def __init__(self, dataset: Dataset, faults: Faults) -> None:
        self._dataset = dataset
        self._faults = faults
        self._select = lru_cache(_SELECTIONS)(self._selected)
        self._drifting: set[Layer] = set()

    def page(self, layer: Layer, season: Season, farms: Sequence[str], number: int, size: int) -> bytes:
        """Encode page `number` of a layer, `size` features long."""
        bodies = corrupt(self._select(layer, season, frozenset(farms)), layer, self._faults)
        last = max(1, -(-len(bodies) // size))
        features = bodies[(number - 1) * size : number * size]
        head: dict[str, Any] = {
            "type": "FeatureCollection",
            "total": len(bodies) + self._drift(layer, number),
            "page": number,
            "per_page": size,
            "next": self._link(layer, season, farms, number, size) if number < last or self._looping() else None,
        }
        if crs := self._faults.get("crs"):
            head["crs"] = {"type": "name", "properties": {"name": crs}}
        if number == last:
            features = self._spoiled_end(features, bodies)
        return msgspec.json.encode(head)[:-1] + b',"features":[' + b",".join(features) + b"]}"

    def _link(self, layer: Layer, season: Season, farms: Sequence[str], number: int, size: int) -> str:
        target = 1 if self._looping() else number + 1
        query = [("campania", season), *(("campo", farm) for farm in farms), ("page", target), ("per_page", size)]
        return f"/{layer}?{urlencode(query)}"

    def _looping(self) -> bool:
        return bool(self._faults.count("next-loop"))

    def _drift(self, layer: Layer, number: int) -> int:
        """One more feature from page 2 on, in a reading that began under the fault."""
        if number == 1:
            (self._drifting.add if self._faults.spend("drift") else self._drifting.discard)(layer)
            return 0
        return int(layer in self._drifting)

    def _spoiled_end(self, features: Sequence[bytes], bodies: Sequence[bytes]) -> Sequence[bytes]:
        repeated = bodies[: self._faults.count("duplicate")]
        contradicted = [renamed(body) for body in bodies[: self._faults.count("conflict")]]
        spoiled = [*features, *repeated, *contradicted]
        return spoiled[: max(0, len(spoiled) - self._faults.count("short"))]

    def _selected(self, layer: Layer, season: Season, farms: frozenset[str]) -> Sequence[bytes]:
        return self._dataset.features(layer, season).of_farms(farms)
