"""A dataset of the pampas: farms, fields, management zones, sample points and areas, season by season."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from modules.domain.layers import MARKER, SAMPLE_POINT, Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.i18n import N_
from modules.sources.databaler.simulator import parcels
from modules.sources.databaler.simulator.dataset import FarmRecord, Features
from modules.sources.databaler.simulator.encoding import Properties, encode_features
from modules.sources.databaler.simulator.ground import Amounts, draw_ground

_FIRST_SEASON = Season(2024)
_ROTATION = ("soja", "maíz", "trigo", "soja", "girasol", "maíz", "cebada", "soja", "maní", "sorgo", "barbecho")
_LASTING_CROP = "pastura"
_LASTING_SHARE = 0.06
_CLASSES = ("baja", "media", "alta")
_AREA_KINDS = ("casco", "monte", "laguna", "bajo")
_DEPTHS_CM = (20.0, 40.0, 60.0)
#: Share of fields that an older season does not have, or knows by another name.
_ABSENT, _RENAMED = 0.02, 0.01

#: Number of its shape, id, properties.
_Row = tuple[int, str, Properties]


class Pampas:
    """A dataset made from a seed. Shapes are drawn once; a season is encoded when it is first asked for."""

    def __init__(self, amounts: Amounts, current: Season | None = None) -> None:
        if not 1 <= amounts.fields <= parcels.MOST_FIELDS:
            raise RequestError(
                N_("The simulator makes between 1 and {most} fields; {asked} were asked for."),
                most=parcels.MOST_FIELDS,
                asked=amounts.fields,
            )
        self.seasons: Sequence[Season] = known_seasons(current)
        self._seed = amounts.seed
        self._ground = draw_ground(amounts)
        self.farms: Sequence[FarmRecord] = [
            FarmRecord(_farm_id(index), name, _updated(self.seasons[0], index))
            for index, name in enumerate(self._ground.farm_names)
        ]
        self._encoded = lru_cache(maxsize=None)(self._encode)

    def features(self, layer: Layer, season: Season) -> Features:
        """Give the features of a layer in a season, encoded the first time."""
        return self._encoded(layer, season) if season in self.seasons else Features([], [])

    def _encode(self, layer: Layer, season: Season) -> Features:
        make = {
            Layer.FIELDS: self._fields,
            Layer.ZONES: self._zones,
            Layer.MARKERS: self._markers,
            Layer.AREAS: self._areas,
        }
        shapes = getattr(self._ground, layer.name.lower())
        rows = list(make[layer](season))
        return Features(
            encode_features(
                [id_ for _row, id_, _properties in rows],
                [properties for _row, _id, properties in rows],
                [shapes.texts[row] for row, _id, _properties in rows],
            ),
            [str(properties["campo_id"]) for _row, _id, properties in rows],
        )

    def _fields(self, season: Season) -> Iterator[_Row]:
        crops, names = self._crops(season), self._names(season)
        for row in np.flatnonzero(self._present(season)).tolist():
            yield (
                row,
                _field_id(row),
                {
                    "nombre": names[row],
                    **self._farm_of(row, season),
                    "cultivo": crops[row],
                    "superficie_ha": float(self._ground.fields.hectares[row]),
                    "updated_at": _updated(season, row),
                },
            )

    def _zones(self, season: Season) -> Iterator[_Row]:
        zones, names = self._ground.zones, self._names(season)
        indices = np.round(self._chance(season, 3).uniform(40, 130, len(zones.owner)), 1).tolist()
        for row in np.flatnonzero(self._present(season)[zones.owner]).tolist():
            field, number = int(zones.owner[row]), int(zones.place[row]) + 1
            yield (
                row,
                f"ambiente-{field + 1:06}-{number}",
                {
                    "nombre": f"{names[field]} · {number}",
                    "lote_id": _field_id(field),
                    "lote": names[field],
                    **self._farm_of(field, season),
                    "clase": _CLASSES[min(2, int(indices[row] - 40) // 30)],
                    "productividad": indices[row],
                    "superficie_ha": float(zones.hectares[row]),
                    "updated_at": _updated(season, field),
                },
            )

    def _markers(self, season: Season) -> Iterator[_Row]:
        markers, names = self._ground.markers, self._names(season)
        for row in np.flatnonzero(self._present(season)[markers.owner]).tolist():
            field, sample = int(markers.owner[row]), markers.place[row] == 0
            yield (
                row,
                f"marcador-{row + 1:06}",
                {
                    "nombre": f"Muestra {row + 1}" if sample else f"Marca {row + 1}",
                    "tipo": SAMPLE_POINT if sample else MARKER,
                    "lote_id": _field_id(field),
                    "lote": names[field],
                    **self._farm_of(field, season),
                    "fecha": _updated(season, field)[:10] if sample else None,
                    "profundidad_cm": _DEPTHS_CM[row % len(_DEPTHS_CM)] if sample else None,
                    "observaciones": None if sample else "Alambrado caído",
                    "updated_at": _updated(season, field),
                },
            )

    def _areas(self, season: Season) -> Iterator[_Row]:
        areas = self._ground.areas
        for row, (farm, place) in enumerate(zip(areas.owner.tolist(), areas.place.tolist(), strict=True)):
            yield (
                row,
                f"zona-{row + 1:05}",
                {
                    "nombre": f"{_AREA_KINDS[place].capitalize()} {self._ground.farm_names[farm]}",
                    "tipo": _AREA_KINDS[place],
                    "campo_id": _farm_id(farm),
                    "campo": self._ground.farm_names[farm],
                    "campania": str(season),
                    "superficie_ha": float(areas.hectares[row]),
                    "updated_at": _updated(season, row),
                },
            )

    def _farm_of(self, field: int, season: Season) -> Properties:
        farm = int(self._ground.farm[field])
        return {"campo_id": _farm_id(farm), "campo": self._ground.farm_names[farm], "campania": str(season)}

    def _present(self, season: Season) -> np.ndarray:
        return ~self._older(season, _ABSENT, 1)

    def _names(self, season: Season) -> list[str]:
        renamed = self._older(season, _RENAMED, 2)
        return [f"{name} viejo" if old else name for name, old in zip(self._ground.field_names, renamed, strict=True)]

    def _crops(self, season: Season) -> list[str]:
        """A place in the rotation for each field, one step on every season; some fields stay pasture."""
        chance = np.random.default_rng([self._seed, 4])
        count = len(self._ground.farm)
        turns = (chance.integers(len(_ROTATION), size=count) + season.start_year) % len(_ROTATION)
        lasting = chance.random(count) < _LASTING_SHARE
        return [_LASTING_CROP if stays else _ROTATION[turn] for turn, stays in zip(turns, lasting, strict=True)]

    def _older(self, season: Season, share: float, use: int) -> np.ndarray:
        """Draw a share of the fields of an older season; the newest is complete."""
        drawn = self._chance(season, use).random(len(self._ground.farm)) < share
        return drawn & (season != self.seasons[0])

    def _chance(self, season: Season, use: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, season.start_year, use])


def known_seasons(current: Season | None = None) -> list[Season]:
    """List the seasons from 24/25 to the present one, newest first."""
    last = (current or Season.current()).start_year
    return [Season(year) for year in range(last, _FIRST_SEASON.start_year - 1, -1)]


def _farm_id(index: int) -> str:
    return f"campo-{index + 1:04}"


def _field_id(index: int) -> str:
    return f"lote-{index + 1:06}"


def _updated(season: Season, row: int) -> str:
    """A moment in the first months of a season, in UTC, that depends on the row alone."""
    start = datetime.combine(season.first_day, time(12), UTC)
    return (start + timedelta(minutes=(row * 7919) % (120 * 24 * 60))).strftime("%Y-%m-%dT%H:%M:%SZ")
