"""The basemaps that are offered below a map: those whose address the settings have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.components import address
from app.components.field_map import Basemap
from modules.i18n import N_
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

#: White words can be read on it.
_DARK: Final = "satellite"
_TITLES: Final[Mapping[str, str]] = {
    "satellite": N_("Satellite"),
    "argenmap": N_("Argenmap (IGN)"),
    "osm": N_("OpenStreetMap"),
}


def basemaps() -> tuple[Basemap, ...]:
    """Give the basemaps that a reader can choose."""
    settings = address.settings().basemaps
    return tuple(
        Basemap(
            id=name,
            title=_(title),
            tiles=(each.tiles,),
            attribution=each.attribution,
            maxzoom=each.max_zoom,
            dark=name == _DARK,
        )
        for name, title in _TITLES.items()
        if (each := getattr(settings, name)) is not None
    )
