"""Coordinate reference systems of exports: WGS84, the seven strips (fajas) of POSGAR 2007, UTM.

Coordinates are written east before north, as GeoPackage, GeoParquet, FlatGeobuf and Shapefile have it, also where EPSG
names the northing first, as it does for POSGAR's strips.

PROJ needs neither grids nor a network for any of these. Accuracy, as EPSG states it: UTM on WGS84 is exact; WGS84 to
POSGAR 2007 (the second of EPSG's two operations) is good to 0.5 m, because the frames differ and move apart with the
continent. There and back again gives the same coordinates, to far less than 1e-7 degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.errors import RequestError
from modules.export import request
from modules.geometry.batches import Geometries, in_batches
from modules.i18n import N_
from modules.i18n.formats import number
from modules.i18n.notices import Notice, notice

_WGS84: Final = 4326
#: What names WGS84, beside which nothing has to be chosen.
_NAMES_OF_WGS84: Final = {request.WGS84, f"epsg:{_WGS84}", str(_WGS84)}
#: EPSG of POSGAR 2007 / Argentina 1 to 7 (Instituto Geográfico Nacional: fajas 1 to 7).
_FAJAS: Final = range(5343, 5350)
#: Central meridian of faja 1, and the width of each, in degrees.
_FAJA_1_DEG, _FAJA_WIDTH_DEG = -72.0, 3.0
_UTM_NORTH, _UTM_SOUTH = range(32601, 32661), range(32701, 32761)
#: Central meridian of zone 1, and the width of each, in degrees.
_ZONE_1_DEG, _ZONE_WIDTH_DEG = -177.0, 6.0
#: West, south, east, north of Argentina with its sea: the area of use of POSGAR 2007 in EPSG (extent 1033).
_ARGENTINA: Final = (-73.59, -58.41, -52.63, -21.78)
#: UTM is defined between these latitudes (EPSG, area of use of its zones).
_UTM_SOUTHMOST, _UTM_NORTHMOST = -80.0, 84.0
#: How far over the edge of a strip a field may lie before it is told. A field on the edge belongs to both.
_MARGIN_DEG: Final = 0.5
#: Further from the central meridian than this, lengths at Argentina's latitudes come out by up to half a percent too
#: large: nobody can mean it.
_FURTHEST_DEG: Final = 6.0


@dataclass(frozen=True)
class Crs:
    """One of the systems that a file may be in."""

    epsg: int = _WGS84

    @property
    def code(self) -> str:
        """Its code: `EPSG:4326`."""
        return f"EPSG:{self.epsg}"

    @property
    def title(self) -> str:
        """What people call it; the same in every language, and fit for a file name."""
        if self.epsg in _FAJAS:
            return f"POSGAR 2007 faja {self.epsg - _FAJAS.start + 1}"
        if self.epsg in _UTM_NORTH:
            return f"UTM {self.epsg - _UTM_NORTH.start + 1}N"
        if self.epsg in _UTM_SOUTH:
            return f"UTM {self.epsg - _UTM_SOUTH.start + 1}S"
        return "WGS84"

    @property
    def accuracy_m(self) -> float:
        """Of the change from WGS84 into it, in metres, as EPSG states it; 0 for an exact one."""
        from pyproj import CRS

        # A projection of WGS84 itself is exact; some versions of PROJ say so, others state nothing.
        exact = CRS.from_epsg(self.epsg).geodetic_crs == CRS.from_epsg(_WGS84)
        return 0.0 if exact else float(self._best.accuracy)

    def transformed(self, geometry: Geometries) -> Geometries:
        """Bring geometries of WGS84 (lon, lat in degrees) into this system (east, north in metres)."""
        operation = self._operation

        def transform(part: Geometries) -> NDArray[Any]:
            moved: NDArray[Any] = shapely.transform(part, operation.transform, interleaved=False)
            return moved

        return in_batches(transform, geometry)

    @cached_property
    def _best(self) -> Any:
        """PROJ's most accurate way that needs no grid; the one that QGIS and GDAL take too."""
        from pyproj.transformer import TransformerGroup

        return TransformerGroup(_WGS84, self.epsg, always_xy=True, allow_ballpark=False).transformers[0]

    @cached_property
    def _operation(self) -> Any:
        """The same, made in the way that several threads may use at once; that of a group crashes them."""
        from pyproj import Transformer

        return Transformer.from_pipeline(self._best.definition)


WGS84: Final = Crs()
#: The strips of POSGAR 2007, from west to east.
FAJAS: Final = tuple(Crs(epsg) for epsg in _FAJAS)


def is_wgs84(text: str) -> bool:
    """Tell whether what somebody wrote names WGS84."""
    return text.strip().casefold() in _NAMES_OF_WGS84


def choose_crs(text: str, bounds: Callable[[], NDArray[np.float64]]) -> tuple[Crs, list[Notice]]:
    """Find the system that `text` names, or propose its strip, for rows with these bounds.

    bounds: gives west, south, east, north in degrees, shape (n, 4), n > 0; asked only where it matters

    Raises RequestError for a system that is not offered and for one that the rows lie too far from.
    """
    if is_wgs84(text):
        return WGS84, []
    boxes = bounds()
    crs = Crs(_epsg(text, boxes))
    _require_area(crs, boxes)
    return crs, _off_strip(crs, boxes)


def propose_faja(bounds: NDArray[np.float64]) -> Crs:
    """Propose the strip of POSGAR 2007 in whose middle most rows lie."""
    return Crs(_FAJAS[_strip(bounds, _FAJA_1_DEG, _FAJA_WIDTH_DEG, len(_FAJAS))])


def propose_utm(bounds: NDArray[np.float64]) -> Crs:
    """Propose the zone of UTM in which most rows lie. Norway's and Svalbard's exceptions are left out."""
    zones = _UTM_NORTH if np.median(bounds[:, [1, 3]]) >= 0 else _UTM_SOUTH
    return Crs(zones[_strip(bounds, _ZONE_1_DEG, _ZONE_WIDTH_DEG, len(zones))])


def _strip(bounds: NDArray[np.float64], first_deg: float, width_deg: float, count: int) -> int:
    """Count strips from 0; the median keeps one field that lies elsewhere from deciding."""
    middle = float(np.median(bounds[:, [0, 2]].mean(axis=1)))
    return int(np.clip(np.rint((middle - first_deg) / width_deg), 0, count - 1))


def _epsg(text: str, bounds: NDArray[np.float64]) -> int:
    name = text.strip().casefold()
    if name == request.POSGAR:
        return propose_faja(bounds).epsg
    if name == request.UTM:
        return propose_utm(bounds).epsg
    digits = name.removeprefix("epsg:")
    if digits.isascii() and digits.isdecimal():
        epsg = int(digits[:6])
        if epsg in _FAJAS or epsg in _UTM_NORTH or epsg in _UTM_SOUTH:
            return epsg
    raise RequestError(
        N_(
            "“{crs}” is not offered. Choose wgs84, posgar (EPSG:5343 to 5349 for fajas 1 to 7) or utm (EPSG:32601 to "
            "32660, 32701 to 32760)."
        ),
        crs=text,
    )


def _require_area(crs: Crs, bounds: NDArray[np.float64]) -> None:
    if crs.epsg in _FAJAS:
        west, south, east, north = _ARGENTINA
        strays = (bounds < (west, south, west, south)) | (bounds > (east, north, east, north))
        if strays.any():
            raise RequestError(
                N_("{crs} is for Argentina; {count} of {total} rows lie outside. Choose wgs84 or utm."),
                crs=crs.title,
                count=number(int(strays.any(axis=1).sum())),
                total=number(len(bounds)),
            )
    elif bounds[:, 1].min() < _UTM_SOUTHMOST or bounds[:, 3].max() > _UTM_NORTHMOST:
        raise RequestError(N_("UTM ends at 80° south and 84° north, and rows lie beyond. Choose wgs84."))
    if _distance(crs, bounds).max() > _FURTHEST_DEG:
        raise RequestError(
            N_(
                "Some rows lie too far from {crs}: measures taken in it would be wrong. Choose wgs84, or export by "
                "farm; posgar and utm find the nearest."
            ),
            crs=crs.title,
        )


def _off_strip(crs: Crs, bounds: NDArray[np.float64]) -> list[Notice]:
    width = _FAJA_WIDTH_DEG if crs.epsg in _FAJAS else _ZONE_WIDTH_DEG
    count = int((_distance(crs, bounds) > width / 2 + _MARGIN_DEG).sum())
    if not count:
        return []
    return [
        notice(
            N_(
                "{count} of {total} rows lie outside the strip of {crs}. They are in their right place; lengths and "
                "areas that are measured there come out a little too large."
            ),
            count=count,
            total=len(bounds),
            crs=crs.title,
        )
    ]


def _distance(crs: Crs, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each row reaches from the central meridian, in degrees, shape (n,)."""
    if crs.epsg in _FAJAS:
        meridian = _FAJA_1_DEG + _FAJA_WIDTH_DEG * (crs.epsg - _FAJAS.start)
    else:
        meridian = _ZONE_1_DEG + _ZONE_WIDTH_DEG * ((crs.epsg % 100) - 1)
    distance: NDArray[np.float64] = np.abs(bounds[:, [0, 2]] - meridian).max(axis=1)
    return distance
