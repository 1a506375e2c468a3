"""The guard: a snapshot that is empty or suddenly short is held back until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from modules.domain.layers import Layer
from modules.snapshots.manifest import Doubt, Manifest

#: More than floats lose in a product, and less than any loss that counts.
_ROUNDING: Final = 1e-9


def doubts(
    counts: Mapping[str, int], hectares: float, predecessor: Manifest | None, shrink_limit: float
) -> list[Doubt]:
    """Tell what speaks against a snapshot of `counts` rows by layer and `hectares` (geodesic); nothing in most cases.

    shrink_limit: the share of rows or hectares that may be lost against the predecessor (0.2 = a fifth). Without a
    predecessor only a snapshot without any field is doubtful.
    """
    fields = Layer.FIELDS.value
    if predecessor is None:
        return [] if counts[fields] else [Doubt(layer=fields, what="rows", before=0, now=0)]
    found = [
        Doubt(layer=layer, what="rows", before=before, now=counts.get(layer, 0))
        for layer, before in predecessor.counts.items()
        if _shrank(before, counts.get(layer, 0), shrink_limit)
    ]
    if _shrank(predecessor.hectares, hectares, shrink_limit):
        found.append(Doubt(layer=fields, what="hectares", before=predecessor.hectares, now=hectares))
    if not counts[fields] and not found:  # the predecessor was empty too, and accepted as such
        found.append(Doubt(layer=fields, what="rows", before=0, now=0))
    return found


def _shrank(before: float, now: float, limit: float) -> bool:
    # The share itself may go: 100 × 0.43 is a little less than 43 in floats, and 57 of 100 are not too few.
    return before - now > limit * before * (1 + _ROUNDING)
