"""Which colour a figure of a cell has, and the words of the legend. No Streamlit in here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from modules.domain.crop_colours import crop_colour
from modules.i18n.formats import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Figure(StrEnum):
    """What is shown of a cell; its value stands in the address."""

    HECTARES = "hectares"
    SAMPLES = "samples"
    SHARE = "share"


#: Low to high, in an order that colour-blind people see too (viridis); on a dark ground the other way around, so that
#: much always stands out.
_RAMP: Final = ("#FDE725", "#5DC863", "#21908C", "#3B528B", "#440154")
#: Cells with nothing of what is shown, and where the ramp of a crop begins.
_NOTHING: Final = {"light": "#DAD6CA", "dark": "#3A4246"}
_STEPS: Final = len(_RAMP)


@dataclass(frozen=True, slots=True)
class Class:
    """A class of values: its colour as `#RRGGBB`, and how the legend says it."""

    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Classes of values, low to high: class i holds those above `bounds[i - 1]` up to `bounds[i]`.

    bounds: of all classes but the last
    unit:   of the labels, empty for counts
    """

    classes: Sequence[Class]
    bounds: Sequence[float]
    unit: str

    def class_of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Tell the class of each value."""
        import numpy as np

        return np.searchsorted(np.asarray(self.bounds), values, side="left")


def scale_of(figure: Figure, largest: float, crop: str | None, theme: str) -> Scale:
    """Make the scale of a figure.

    largest: of the values; crop: the one whose share is told; theme: `light` or `dark`
    """
    nothing = _NOTHING[theme]
    ramp = _RAMP if theme == "light" else tuple(reversed(_RAMP))
    if figure is Figure.SHARE:
        edges = [step / _STEPS for step in range(_STEPS + 1)]
        colours = [_mixed(nothing, crop_colour(crop), step / _STEPS) for step in range(1, _STEPS + 1)]
        labels = [f"{number(low * 100)} – {number(high * 100)}" for low, high in pairwise(edges)]
        return Scale(_classes([nothing, *colours], ["0", *labels]), edges[:-1], "%")
    step = _nice_step(largest, whole=figure is Figure.SAMPLES)
    edges = [step * each for each in range(max(1, math.ceil(round(largest / step, 9))) + 1)]
    colours = _spread(ramp, len(edges) - 1)
    if figure is Figure.HECTARES:
        digits = next(each for each in range(12) if round(step, each) == step)
        labels = [f"{number(low, digits)} – {number(high, digits)}" for low, high in pairwise(edges)]
        return Scale(_classes(colours, labels), edges[1:-1], "ha")
    labels = [_counts(int(low) + 1, int(high)) for low, high in pairwise(edges)]
    return Scale(_classes([nothing, *colours], ["0", *labels]), edges[:-1], "")


def _classes(colours: Sequence[str], labels: Sequence[str]) -> list[Class]:
    return [Class(colour, label) for colour, label in zip(colours, labels, strict=True)]


def _counts(low: int, high: int) -> str:
    return number(low) if low == high else f"{number(low)} – {number(high)}"


def _nice_step(largest: float, *, whole: bool) -> float:
    """Find a step of 1, 2, 2.5 or 5 times a power of ten, of which at most `_STEPS` reach the largest value."""
    least = max(largest, 1e-9) / _STEPS
    power = 10.0 ** math.floor(math.log10(least))
    steps = [power * each for each in (1, 2, 2.5, 5, 10)]
    step = next(each for each in steps if each >= least * (1 - 1e-9))
    return float(max(1, math.ceil(step))) if whole else step


def _spread(ramp: Sequence[str], count: int) -> list[str]:
    """Take colours of a ramp, as far from each other as it allows; the last one is always among them."""
    if count == 1:
        return [ramp[-2]]
    return [ramp[round(each * (len(ramp) - 1) / (count - 1))] for each in range(count)]


def _mixed(one: str, other: str, share: float) -> str:
    """Mix two colours, `share` of the other one."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def channels(colour: str) -> list[int]:
    """Give `#RRGGBB` as three numbers of 0 to 255."""
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
