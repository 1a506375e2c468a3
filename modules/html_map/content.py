"""What the map tells: its layers, what they look like, and the facts of each thing, in the language in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.domain.columns import HECTARES
from modules.domain.crop_colours import crop_colour
from modules.domain.layer_colours import CLASS_COLOURS, class_colour, marker_colour
from modules.domain.layers import NAME_COLUMN, Layer
from modules.export.selection import Rows
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, number

Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Look:
    """Things of a layer that look alike: a crop, a class, a kind.

    hectares: of all of them together; 0 for points
    """

    title: str
    colour: str
    count: int
    hectares: float


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """A layer of n things.

    titles: their names; looks: which of `styles` each has, shape (n,); facts: label, and one text a thing or None
    """

    layer: Layer
    title: str
    rows: Rows
    titles: list[str]
    looks: NDArray[np.int64]
    styles: list[Look]
    facts: list[tuple[str, Texts]]

    @property
    def hectares(self) -> float:
        """Geodesic hectares of all of it."""
        return sum(look.hectares for look in self.styles)


def drawn(rows: Rows) -> DrawnLayer:
    """Tell of some rows what a map shows."""
    return _DRAWN[rows.layer](rows)


def _fields(rows: Rows) -> DrawnLayer:
    table = rows.table
    facts = [
        (_("Farm"), _texts(table["campo"])),
        (_("Crop"), _texts(table["cultivo"])),
        (_("Area"), _hectares(table[HECTARES])),
        (_("Area as the portal has it"), _hectares(table["superficie_ha"])),
    ]
    looks, styles = _looks(table["cultivo"], table[HECTARES], crop_colour, _("no crop"))
    return _layer(rows, _("Fields"), looks, styles, facts)


def _zones(rows: Rows) -> DrawnLayer:
    table = rows.table
    facts = [
        (_("Field"), _texts(table["lote"])),
        (_("Farm"), _texts(table["campo"])),
        (_("Class"), _texts(table["clase"])),
        (_("Productivity"), _numbers(table["productividad"], 2)),
        (_("Area"), _hectares(table[HECTARES])),
    ]
    looks, styles = _looks(table["clase"], table[HECTARES], class_colour, _("no class"), order=_by_class)
    return _layer(rows, _("Management zones"), looks, styles, facts)


def _markers(rows: Rows) -> DrawnLayer:
    table = rows.table
    facts = [
        (_("Kind"), _texts(table["tipo"])),
        (_("Field"), _texts(table["lote"])),
        (_("Farm"), _texts(table["campo"])),
        (_("Date"), [_day(day) for day in table["fecha"].to_pylist()]),
        (_("Depth (cm)"), _numbers(table["profundidad_cm"], 0)),
        (_("Remarks"), _texts(table["observaciones"])),
    ]
    nothing = pa.chunked_array([np.zeros(len(table))])
    looks, styles = _looks(table["tipo"], nothing, marker_colour, _("no kind"))
    return _layer(rows, _("Markers and samples"), looks, styles, facts)


_DRAWN: Final[dict[Layer, Callable[[Rows], DrawnLayer]]] = {
    Layer.FIELDS: _fields,
    Layer.ZONES: _zones,
    Layer.MARKERS: _markers,
}


def _layer(
    rows: Rows, title: str, looks: NDArray[np.int64], styles: list[Look], facts: list[tuple[str, Texts]]
) -> DrawnLayer:
    titles = [name or "" for name in rows.table[NAME_COLUMN[rows.layer]].to_pylist()]
    return DrawnLayer(rows.layer, title, rows, titles, looks, styles, facts)


def _by_hectares(look: Look) -> tuple[Any, ...]:
    return (-look.hectares, -look.count, look.title)


def _by_class(look: Look) -> tuple[Any, ...]:
    """From low to high, then what has no place in that order."""
    order = list(CLASS_COLOURS)
    name = look.title.strip().casefold()
    return (order.index(name) if name in order else len(order), look.title)


def _looks(
    column: pa.ChunkedArray,
    areas: pa.ChunkedArray,
    colour: Callable[[str | None], str],
    nameless: str,
    order: Callable[[Look], tuple[Any, ...]] = _by_hectares,
) -> tuple[NDArray[np.int64], list[Look]]:
    """Put rows together that have the same value; those without one come last."""
    # A text of blanks is none.
    values = pc.if_else(pc.equal(pc.utf8_trim_whitespace(column.fill_null("")), ""), "", column.fill_null(""))
    coded = values.combine_chunks().dictionary_encode()
    codes = np.array(coded.indices.to_pylist(), dtype=np.int64)
    names: list[str] = coded.dictionary.to_pylist()
    counts = np.bincount(codes, minlength=len(names)).tolist()
    sums = np.bincount(codes, weights=np.array(areas.to_pylist(), dtype=float), minlength=len(names)).tolist()
    found = [
        Look(name or nameless, colour(name or None), count, sum_)
        for name, count, sum_ in zip(names, counts, sums, strict=True)
    ]
    places = sorted(range(len(found)), key=lambda index: (not names[index], order(found[index])))
    rank = np.empty(len(found), dtype=np.int64)
    rank[places] = np.arange(len(found))
    return rank[codes], [found[index] for index in places]


def _texts(column: pa.ChunkedArray) -> Texts:
    return [text or None for text in column.to_pylist()]


def _hectares(column: pa.ChunkedArray) -> Texts:
    return [None if value is None else hectares(value) for value in column.to_pylist()]


def _numbers(column: pa.ChunkedArray, digits: int) -> Texts:
    return [None if value is None else number(value, digits) for value in column.to_pylist()]


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day:%d/%m/%Y}"
