"""Colours for the values of any column: one for each of the commonest texts, classes of equal counts for numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: Told apart by colour-blind people (Okabe and Ito, 2008; Paul Tol's "muted", 2018), the strongest first.
CATEGORY_COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#882255", "#44AA99", "#999933",
    "#332288", "#DDCC77",
)  # fmt: skip
#: Of values that have none of their own, and of rows without a value.
OTHER_COLOUR: Final = "#9A9A9A"
NO_VALUE_COLOUR: Final = "#FFFFFF"
#: Low to high, in an order that colour-blind people see too (viridis).
RAMP: Final = ("#FDE725", "#7AD151", "#22A884", "#2A788E", "#414487", "#440154")


@dataclass(frozen=True, slots=True)
class Common:
    """A text of a column: in how many rows it stands, and how many hectares they have. None: no text at all."""

    value: str | None
    rows: int
    hectares: float


@dataclass(frozen=True, slots=True)
class Between:
    """A class of numbers: from `low` on, below `high` but for the last class, which holds its upper border too."""

    low: float
    high: float
    rows: int


def common_values(column: pa.ChunkedArray, hectares: NDArray[np.float64]) -> list[Common]:
    """Count the texts of a column of n rows, the most hectares first, those without one last; blanks are none.

    hectares: of each row, shape (n,)
    """
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    values = pc.if_else(pc.equal(trimmed, "").fill_null(True), None, column.cast(pa.string()))
    table = pa.table({"value": values, "hectares": hectares})
    sums = table.group_by("value").aggregate([("hectares", "sum"), ([], "count_all")])
    rows = zip(*(sums[name].to_pylist() for name in ("value", "count_all", "hectares_sum")), strict=True)
    return sorted((Common(*row) for row in rows), key=_by_hectares)


def _by_hectares(each: Common) -> tuple[bool, float, int, str]:
    return each.value is None, -each.hectares, -each.rows, each.value or ""


def classes_of(values: NDArray[np.float64], count: int = len(RAMP)) -> list[Between]:
    """Cut numbers into classes of about equal counts at borders of two digits; fewer where values repeat.

    values: shape (n,); those that are no numbers belong to no class
    """
    known = np.sort(values[np.isfinite(values)])
    if len(known) == 0:
        return []
    cuts = np.quantile(known, np.arange(1, count) / count)
    low, high = float(known[0]), float(known[-1])
    borders = sorted({rounded for cut in cuts if low < (rounded := _two_digits(float(cut))) <= high})
    edges = [low, *borders, high]
    places = np.searchsorted(known, borders, side="left")
    counts = np.diff([0, *places, len(known)]).tolist()
    pairs = zip(edges, edges[1:], counts, strict=False)
    return [Between(below, above, rows) for below, above, rows in pairs if rows]


def counted(classes: Sequence[Between], values: NDArray[np.float64]) -> list[Between]:
    """Count other numbers, shape (n,), in the same classes."""
    numbers = values[np.isfinite(values)]
    if not classes:
        return []
    place = np.searchsorted([each.low for each in classes], numbers, side="right") - 1
    inside = (place >= 0) & (numbers <= classes[-1].high)
    rows = np.bincount(place[inside], minlength=len(classes)).tolist()
    return [replace(each, rows=count) for each, count in zip(classes, rows, strict=True)]


def ramp_of(count: int) -> Sequence[str]:
    """Give colours for classes, as far from each other as the ramp allows."""
    if count == 1:
        return RAMP[2:3]
    return [RAMP[round(place * (len(RAMP) - 1) / (count - 1))] for place in range(count)]


def _two_digits(value: float) -> float:
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    return round(value, digits)
