"""Which colour a row of a layer has on the map, and the words of the legend. No Streamlit in here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.components.field_map import ByClass, ByValue, ClassStop, Single, ValueStop
from modules.changes.kinds import Kind
from modules.changes.words import kind_word
from modules.domain.colour_scales import (
    CATEGORY_COLOURS,
    NO_VALUE_COLOUR,
    OTHER_COLOUR,
    classes_of,
    common_values,
    counted,
    ramp_of,
)
from modules.domain.columns import HECTARES
from modules.domain.crop_colours import NO_CROP_COLOUR, crop_colour
from modules.domain.layer_colours import AREA_COLOUR, class_colour, marker_colour
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from app.components.field_map.spec import Colour
    from modules.domain.colour_scales import Between, Common

#: More texts than this in a legend are no help; the rest is told as one.
_MOST_VALUES: Final = 14
#: Units of columns of numbers.
_UNITS: Final = {HECTARES: "ha", "superficie_ha": "ha", "perimetro_m": "m"}

_CELL_COLUMNS: Final = ("cultivo", "campo")
_CELL_COLOUR: Final = "#2A788E"

#: Green came, red went, and tones between for what is otherwise.
CHANGE_COLOURS: Final[Mapping[Kind, str]] = {
    Kind.ADDED: "#009E73",
    Kind.REMOVED: "#B42318",
    Kind.MOVED: "#E69F00",
    Kind.RESHAPED: "#D55E00",
    Kind.SPLIT: "#CC79A7",
    Kind.MERGED: "#882255",
    Kind.RENAMED: "#56B4E9",
    Kind.ATTRIBUTES: "#0072B2",
}


def field_colours(fields: pa.Table, by: str, beside: pa.Table | None = None) -> Colour:
    """Colour fields by a column: crops as everywhere, other texts by how common they are, numbers in classes.

    beside: fields that are seen at the same time; what is alike in both has one colour, and each tells its own sums
    """
    import pyarrow as pa

    if by not in fields.column_names:  # that backup had another table
        return Single(OTHER_COLOUR)
    every = fields if beside is None or by not in beside.column_names else _together(fields, beside, by)
    if pa.types.is_floating(fields.schema.field(by).type):
        return _by_classes(fields, by, every)
    if by == "cultivo":
        return _by_values(fields, by, every, lambda crop, _place: crop_colour(crop), NO_CROP_COLOUR, _MOST_VALUES)
    return _by_values(fields, by, every, lambda _value, place: CATEGORY_COLOURS[place])


def _together(one: pa.Table, other: pa.Table, by: str) -> pa.Table:
    import pyarrow as pa

    names = list(dict.fromkeys([by, HECTARES]))
    return pa.concat_tables([one.select(names), other.select(names)], promote_options="permissive")


def cell_colours(fields: pa.Table, by: str) -> Colour:
    """Colour cells by crop or farm as the fields are; by anything else they have one colour.

    A cell is of the crop and farm with most of its hectares. Numbers add up to others at each zoom: no classes hold.
    """
    if by not in _CELL_COLUMNS:
        return Single(_CELL_COLOUR)
    colours = field_colours(fields, by)
    if not isinstance(colours, ByValue):
        return Single(_CELL_COLOUR)
    # What of fields is counted beside a colour is not so of cells.
    none = NO_CROP if by == "cultivo" else _("None")
    stops = tuple(replace(each, label=none if each.value is None else str(each.value)) for each in colours.stops)
    return replace(colours, stops=stops, other_label=_("Others"))


def layer_colours(layer: Layer, rows: pa.Table) -> Colour:
    """Colour zones by their class, markers by their kind; areas have one colour."""
    if layer is Layer.ZONES:
        return _by_values(rows, "clase", rows, lambda value, _place: class_colour(value), most=_MOST_VALUES)
    if layer is Layer.MARKERS:
        return _by_values(rows, "tipo", rows, lambda value, _place: marker_colour(value), most=_MOST_VALUES)
    return Single(AREA_COLOUR)


def change_colours() -> ByValue:
    """Colour differences by what has changed."""
    stops = (ValueStop(kind, colour, _headed(kind_word(kind))) for kind, colour in CHANGE_COLOURS.items())
    return ByValue("cambio", tuple(stops), OTHER_COLOUR)


def _headed(word: str) -> str:
    return word[:1].upper() + word[1:]


def _by_values(
    rows: pa.Table,
    by: str,
    every: pa.Table,
    colour: Callable[[str | None, int], str],
    none: str = NO_VALUE_COLOUR,
    most: int = len(CATEGORY_COLOURS),
) -> ByValue:
    """Give the commonest texts of `every` their colours, and tell of those that `rows` has."""
    own = {each.value: each for each in common_values(rows[by], _areas(rows))}
    texts = [each.value for each in common_values(every[by], _areas(every)) if each.value is not None]
    stops = [
        ValueStop(text, colour(text, place), _told(own[text])) for place, text in enumerate(texts[:most]) if text in own
    ]
    if None in own:
        stops.append(ValueStop(None, none, _told(own[None], NO_CROP if by == "cultivo" else "")))
    return ByValue(by, tuple(stops), OTHER_COLOUR, _others([own[text] for text in texts[most:] if text in own]))


def _areas(rows: pa.Table) -> NDArray[np.float64]:
    import numpy as np

    return rows[HECTARES].to_numpy() if HECTARES in rows.column_names else np.zeros(len(rows))


def _others(left: Sequence[Common]) -> str:
    if not left:
        return ""
    rows, area = sum(each.rows for each in left), sum(each.hectares for each in left)
    return _("{count} others · {told}", count=number(len(left)), told=_amount(rows, area))


def _told(each: Common, none: str = "") -> str:
    return f"{(none or _('None')) if each.value is None else each.value} · {_amount(each.rows, each.hectares)}"


def _amount(rows: int, area: float) -> str:
    """Write `120 · 9.000 ha`, the hectares only where there are some."""
    return f"{number(rows)} · {hectares(area)}" if area else number(rows)


def _by_classes(rows: pa.Table, by: str, every: pa.Table) -> Colour:
    classes = counted(classes_of(_numbers(every, by)), _numbers(rows, by))
    stops = tuple(
        ClassStop(each.low, colour, _between(each, _UNITS.get(by, "")))
        for each, colour in zip(classes, ramp_of(len(classes)) if classes else (), strict=True)
    )
    return ByClass(by, stops, NO_VALUE_COLOUR, _("None") if rows[by].null_count else "")


def _numbers(rows: pa.Table, by: str) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = rows[by].to_numpy().astype(float)
    return numbers


def _between(each: Between, unit: str) -> str:
    digits = 0 if each.high >= 100 else 1
    return f"{number(each.low, digits)} – {number(each.high, digits)} {unit}".strip() + f" · {number(each.rows)}"
