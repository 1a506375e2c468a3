"""Vector files as a portal's fields: any format GDAL reads, any CRS, columns found by name or told."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.geometry.measures import measure_polygons
from modules.i18n import N_
from modules.sources.databaler.simulator.dataset import FarmRecord, Features
from modules.sources.databaler.simulator.encoding import Properties, encode_features, encode_geometries

if TYPE_CHECKING:
    import geopandas

#: Names under which a column of ours is found in files of the world, in order of preference.
_GUESSES: Final[Mapping[str, Sequence[str]]] = {
    "id": ("id", "uuid", "uniqueid", "objectid", "gid"),
    "lote": ("lote", "nombre", "name", "field", "field_name", "parcela", "parcel"),
    "campo": ("campo", "establecimiento", "farm", "farm_name"),
    "cultivo": ("cultivo", "crop", "crop_name", "main_crop", "gewas"),
    "superficie_ha": ("superficie_ha", "superficie", "hectareas", "hectares", "area_ha", "ha"),
}
_WGS84: Final = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    name: str
    farm: str
    crop: str | None
    hectares: float | None
    updated: str
    geometry: bytes


class FileDataset:
    """Rows of files, served as the fields of every season; the other layers are empty.

    columns: ours (id, lote, campo, cultivo, superficie_ha) to the file's; those not told are found by their usual
    names, or made: the id from the file's name and the row's number (from 0), the farm from the file's name, hectares
    measured on the ellipsoid. Raises RequestError for files that cannot be read or do not tell their CRS.
    """

    def __init__(self, files: Sequence[Path], columns: Mapping[str, str], seasons: Sequence[Season]) -> None:
        if unknown := sorted(set(columns) - set(_GUESSES)):
            raise RequestError(
                N_("There is no column “{column}” to map. Known: {known}."),
                column=unknown[0],
                known=", ".join(_GUESSES),
            )
        self.seasons: Sequence[Season] = sorted(seasons, reverse=True)
        self._rows = [row for file in files for row in _rows(file, columns, several=len(files) > 1)]
        self.farms: Sequence[FarmRecord] = [
            FarmRecord(name, name, updated) for name, updated in {row.farm: row.updated for row in self._rows}.items()
        ]
        self._encoded = lru_cache(maxsize=None)(self._encode)

    def features(self, layer: Layer, season: Season) -> Features:
        """Give all rows as fields of any of the seasons."""
        return self._encoded(season) if layer is Layer.FIELDS and season in self.seasons else Features([], [])

    def _encode(self, season: Season) -> Features:
        bodies = encode_features(
            [row.id for row in self._rows],
            (_properties(row, season) for row in self._rows),
            [row.geometry for row in self._rows],
        )
        return Features(bodies, [row.farm for row in self._rows])


def _properties(row: _Row, season: Season) -> Properties:
    return {
        "nombre": row.name,
        "campo_id": row.farm,
        "campo": row.farm,
        "campania": str(season),
        "cultivo": row.crop,
        "superficie_ha": row.hectares,
        "updated_at": row.updated,
    }


def _rows(file: Path, columns: Mapping[str, str], *, several: bool) -> Iterator[_Row]:
    frame = _read(file)
    stem = file.name.partition(".")[0]
    texts = {ours: _texts(frame, _column(frame, file, ours, columns)) for ours in _GUESSES if ours != "superficie_ha"}
    updated = datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ids = _ids(texts["id"], stem, len(frame), several=several)
    geometry = frame.geometry.to_numpy()
    encoded = encode_geometries(geometry)
    hectares = _hectares(frame, file, geometry, _column(frame, file, "superficie_ha", columns))
    for row, id_ in enumerate(ids):
        yield _Row(
            id=id_,
            name=texts["lote"][row] or f"{stem} {row + 1}",
            farm=texts["campo"][row] or stem,
            crop=texts["cultivo"][row],
            hectares=hectares[row],
            updated=updated,
            geometry=encoded[row],
        )


def require_map_layer(file: Path) -> None:
    """Look at the head of a file; raises RequestError when it is no map layer or does not tell its CRS."""
    import pyogrio
    import pyogrio.errors

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of measures and of further layers: said when the rows are read
            head = pyogrio.read_info(file)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        raise RequestError(N_("The file {file} cannot be read as a map layer."), file=file.name) from None
    if head["geometry_type"] is None:  # most CSV files
        raise RequestError(N_("The file {file} holds no shapes, only a table. Choose a map layer."), file=file.name)
    if head["crs"] is None:
        raise RequestError(
            N_("The file {file} does not tell its coordinate system. Add it (a .prj, for example) and try again."),
            file=file.name,
        )


def _read(file: Path) -> geopandas.GeoDataFrame:
    import geopandas

    require_map_layer(file)
    with warnings.catch_warnings():
        # Measures (M) are dropped by GDAL; the contract has two dimensions anyway.
        warnings.filterwarnings("ignore", message="Measured", category=UserWarning)
        return geopandas.read_file(file).to_crs(_WGS84)


def _column(frame: geopandas.GeoDataFrame, file: Path, ours: str, told: Mapping[str, str]) -> str | None:
    """Find the file's column for one of ours; one that was told must be there."""
    names = {str(name).casefold(): str(name) for name in frame.columns if name != frame.geometry.name}
    if ours in told:
        if told[ours].casefold() not in names:
            raise RequestError(
                N_("The file {file} has no column “{column}”. It has: {known}."),
                file=file.name,
                column=told[ours],
                known=", ".join(names.values()),
            )
        return names[told[ours].casefold()]
    return next((names[guess] for guess in _GUESSES[ours] if guess in names), None)


def _texts(frame: geopandas.GeoDataFrame, column: str | None) -> list[str | None]:
    if column is None:
        return [None] * len(frame)
    values = frame[column]
    return [None if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)]


def _ids(values: list[str | None], stem: str, count: int, *, several: bool) -> list[str]:
    """Take the file's ids when each row has one of its own; several files keep theirs apart by the file's name."""
    if count and None not in values and len(set(values)) == count:
        return [f"{stem}-{value}" if several else str(value) for value in values]
    return [f"{stem}-{row}" for row in range(count)]


def _hectares(
    frame: geopandas.GeoDataFrame, file: Path, geometry: np.ndarray, column: str | None
) -> list[float | None]:
    if column is not None:
        try:
            stated = frame[column].astype(float)
        except (ValueError, TypeError):  # “12,3 ha” can be read in more than one way
            raise RequestError(
                N_(
                    "The column “{column}” of the file {file} should hold hectares, and not all of it is numbers. "
                    "Correct it, or give it another name to have them measured."
                ),
                column=column,
                file=file.name,
            ) from None
        return [None if np.isnan(value) else value for value in stated.tolist()]
    measured = np.full(len(frame), np.nan)
    solid = np.isin(shapely.get_type_id(geometry), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    solid &= ~shapely.is_empty(geometry)
    measured[solid] = measure_polygons(geometry[solid]).hectares
    return [None if np.isnan(value) else round(value, 4) for value in measured.tolist()]
