"""The farms of a map, each with where it lies: fields far apart are specks until somebody goes there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.domain.columns import HECTARES
from modules.domain.names import natural_key, plain_name
from modules.export.selection import Rows
from modules.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class FarmPlace:
    """A farm: `count` fields, their geodesic hectares, and their box: west, south, east, north in degrees."""

    name: str
    count: int
    hectares: float
    bounds: NDArray[np.float64]


def farm_places(fields: Rows) -> list[FarmPlace]:
    """List the farms of some fields by name, those of none last; those that share a name carry their id too."""
    table = fields.table
    rows_of: dict[str | None, list[int]] = {}
    names: dict[str | None, str] = {}
    for row, (farm, name) in enumerate(zip(table["campo_id"].to_pylist(), table["campo"].to_pylist(), strict=True)):
        rows_of.setdefault(farm, []).append(row)
        names[farm] = (name or "").strip() or names.get(farm) or farm or ""
    hectares = np.array(table[HECTARES].to_pylist(), dtype=np.float64)
    shared = Counter(map(plain_name, names.values()))
    order = sorted(rows_of, key=lambda farm: (farm is None, natural_key(names[farm]), farm or ""))
    return [
        FarmPlace(
            name=_title(farm, names[farm], twins=shared[plain_name(names[farm])] > 1),
            count=len(rows_of[farm]),
            hectares=float(hectares[rows_of[farm]].sum()),
            bounds=box_of(fields.bounds[rows_of[farm]]),
        )
        for farm in order
    ]


def box_of(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the box around boxes, shape (n, 4)."""
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _title(farm: str | None, name: str, *, twins: bool) -> str:
    if farm is None:
        return name or _("no farm")
    return f"{name} {farm}" if twins and name != farm else name
