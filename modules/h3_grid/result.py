"""What a run of the grid did, in plain values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import msgspec

from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number
from modules.i18n.notices import Notice, recorded_warnings

KIND: Final = "h3"


@dataclass(frozen=True, slots=True)
class GridResult:
    """What a grid is, in plain values that fit into JSON.

    kind:           tells it from the results of other flows
    snapshot_id:    the snapshot it was made from
    proposed:       whether the resolution was proposed rather than chosen
    fields, cells:  how many; rows: pairs of them
    mean_cell_ha:   hectares of a whole cell of this grid, the mean of its rows; 0 in records of older versions
    largest_error:  how far the cells of a field were from its hectares before they were scaled (0.001 = 0.1 %)
    points_outside: markers whose field has no part in the cell that they lie in
    files:          `{name, path, bytes}`, path relative to the output root
    warnings:       `{template, values}` of sentences

    All fields have a default: records of older versions, which lack some, stay readable.
    """

    kind: str = KIND
    run_id: str = ""
    who: str = ""
    environment: str = ""
    season: str = ""
    farms: list[str] = field(default_factory=list)
    crops: list[str] = field(default_factory=list)
    snapshot_id: str = ""
    resolution: int = 0
    proposed: bool = False
    fields: int = 0
    cells: int = 0
    mean_cell_ha: float = 0.0
    rows: int = 0
    hectares: float = 0.0
    samples: int = 0
    markers: int = 0
    points_outside: int = 0
    largest_error: float = 0.0
    files: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    seconds: float = 0.0
    seconds_by_step: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave, in this version, an older or a newer one, whose new fields are left out."""
        return msgspec.convert(values, cls)


def summary(result: GridResult) -> str:
    """Say in a line what a grid is, in the active language."""
    parts = [
        ngettext(
            "Grid finished: {fields} field in {cells} cells of resolution {resolution}, {hectares}.",
            "Grid finished: {fields} fields in {cells} cells of resolution {resolution}, {hectares}.",
            result.fields,
            fields=number(result.fields),
            cells=number(result.cells),
            resolution=result.resolution,
            hectares=hectares(result.hectares),
        )
    ]
    if result.samples:
        parts.append(_("Samples: {count}.", count=number(result.samples)))
    if result.points_outside:
        parts.append(_("Markers outside their field: {count}.", count=number(result.points_outside)))
    return " ".join([*parts, *warning_sentences(result)])


def warning_sentences(result: GridResult) -> list[str]:
    """Say a grid's warnings in the active language, but for those that cannot be said any more."""
    return recorded_warnings(result.warnings)
