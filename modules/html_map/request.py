"""What somebody wants to have on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.export import ExportRequest


@dataclass(frozen=True, slots=True)
class HtmlMapRequest:
    """Which fields, chosen as for an export, and whether their zones and markers come along.

    farms, fields: ids or names; crops: names, `sin cultivo` for fields without one; what is left empty does not filter
    """

    season: Season | None = None
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    fields: Sequence[str] = ()
    zones: bool = True
    markers: bool = True

    @property
    def layers(self) -> list[Layer]:
        """What is drawn, from the lowest to the highest."""
        return [Layer.FIELDS, *([Layer.ZONES] if self.zones else []), *([Layer.MARKERS] if self.markers else [])]

    def of(self, layer: Layer) -> ExportRequest:
        """Ask for the rows of a layer."""
        return ExportRequest(layer, "html", self.season, self.farms, self.crops, self.fields)
