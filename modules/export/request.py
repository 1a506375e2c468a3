"""What somebody wants to have exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modules.domain.layers import Layer
from modules.domain.season import Season

#: What `ExportRequest.crs` may say besides `EPSG:n`.
WGS84: Final = "wgs84"
POSGAR: Final = "posgar"
UTM: Final = "utm"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A layer, the format's name in the registry, and which rows: what is left empty or None does not filter.

    farms, fields: ids or names; crops: names, `sin cultivo` for fields without one
    crs:           `wgs84`, `posgar` or `utm` (the strip is proposed from where the rows lie), or `EPSG:n`
    """

    layer: Layer
    format: str
    season: Season | None = None
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    fields: Sequence[str] = ()
    crs: str = WGS84

    @property
    def wanted(self) -> list[str]:
        """The words of the filter but for the season, as they were given."""
        return [*self.farms, *self.crops, *self.fields]
