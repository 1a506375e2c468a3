"""Pictures of the ground below the fields. They come from elsewhere: nothing is fetched until somebody chooses one."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_PLACES: Final = ("{z}", "{x}", "{y}")


def _tile_address(text: str) -> str:
    """Make sure that tiles can be asked for by zoom, column and row (counted from the north)."""
    if not text.startswith(("https://", "http://")) or any(place not in text for place in _PLACES):
        raise PydanticCustomError("tile_address", "an address with {z}, {x} and {y}")
    return text


class Basemap(BaseModel):
    """Map tiles of 256 pixels in web mercator; their makers want to be named on the map."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiles: Annotated[str, AfterValidator(_tile_address)]
    attribution: str
    #: The largest zoom there are tiles for; nearer, those are enlarged.
    max_zoom: int = Field(default=19, ge=0, le=24)


class BasemapSettings(BaseModel):
    """The basemaps that the map offers. One that is set to null is not offered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    satellite: Basemap | None = Basemap(
        tiles="https://server.arcgisonline.com/ArcGIS/rest/services/World_Imagery/MapServer/tile/{z}/{y}/{x}",
        attribution="Esri, Maxar, Earthstar Geographics",
        max_zoom=18,
    )
    argenmap: Basemap | None = Basemap(
        tiles="https://wms.ign.gob.ar/geoserver/gwc/service/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        "&LAYER=capabaseargenmap&STYLE=&FORMAT=image/png&TILEMATRIXSET=EPSG:3857&TILEMATRIX=EPSG:3857:{z}"
        "&TILEROW={y}&TILECOL={x}",
        attribution="Instituto Geográfico Nacional, OpenStreetMap",
        max_zoom=18,
    )
    osm: Basemap | None = Basemap(
        tiles="https://tile.openstreetmap.org/{z}/{x}/{y}.png", attribution="© OpenStreetMap contributors", max_zoom=19
    )
