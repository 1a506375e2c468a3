"""The made-up ground: everything that stays the same from season to season, drawn once from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from modules.sources.databaler.simulator import names, parcels
from modules.sources.databaler.simulator.encoding import encode_geometries

_FIELDS_PER_FARM = 14
_FEWEST_FARMS = 3
_MOST_AREAS = 4


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much to make: fields, and zones and markers for each of them (least and most)."""

    fields: int = 300
    seed: int = 1
    zones: tuple[int, int] = (3, 6)
    markers: tuple[int, int] = (1, 2)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes of a layer, in order of their owner (a field or a farm, by index).

    place: number of each within its owner, from 0; texts: GeoJSON geometries; hectares: planar area in ha.
    """

    owner: np.ndarray
    place: np.ndarray
    texts: Sequence[bytes]
    hectares: np.ndarray


@dataclass(frozen=True, slots=True)
class Ground:
    """Farms, the fields on them and what lies on the fields. `farm` is the farm of each field, by index."""

    farm: np.ndarray
    farm_names: Sequence[str]
    field_names: Sequence[str]
    fields: Shapes
    zones: Shapes
    markers: Shapes
    areas: Shapes


def draw_ground(amounts: Amounts) -> Ground:
    """Draw the ground; equal amounts give equal ground."""
    rng = np.random.default_rng(amounts.seed)
    sizes = _farm_sizes(amounts.fields, rng)
    farm = np.repeat(np.arange(len(sizes)), sizes)
    placement = parcels.place_farms(len(sizes), rng)
    blocks = parcels.lay_out(sizes, rng)
    shapes = parcels.draw_fields(blocks, rng)
    farm_names = names.farm_names(len(sizes), rng)

    def on_the_map(drawn: np.ndarray, owner: np.ndarray, farm_of_owner: np.ndarray) -> Shapes:
        placed = parcels.to_degrees(drawn, farm_of_owner[owner], placement)
        return Shapes(owner, _place_within(owner), encode_geometries(placed), np.round(shapely.area(drawn) / 1e4, 2))

    zones, zone_owner = parcels.slice_fields(shapes, blocks, _counts(amounts.zones, amounts.fields, rng), rng)
    marker_owner = np.repeat(np.arange(amounts.fields), _counts(amounts.markers, amounts.fields, rng))
    area_counts = _counts((1, _MOST_AREAS), len(sizes), rng)
    areas = parcels.draw_areas(blocks, np.cumsum(sizes) - sizes, area_counts, rng)
    return Ground(
        farm=farm,
        farm_names=farm_names,
        field_names=names.field_names(farm, farm_names, rng),
        fields=on_the_map(shapes, np.arange(amounts.fields), farm),
        zones=on_the_map(zones, zone_owner, farm),
        markers=on_the_map(parcels.sample_points(shapes[marker_owner], rng), marker_owner, farm),
        areas=on_the_map(areas, np.repeat(np.arange(len(sizes)), area_counts), np.arange(len(sizes))),
    )


def _farm_sizes(fields: int, rng: np.random.Generator) -> np.ndarray:
    """Share fields out to farms: about 14 each, more where the lattice has no room for another farm."""
    farms = max(min(_FEWEST_FARMS, fields), min(round(fields / _FIELDS_PER_FARM), parcels.MOST_FARMS))
    weights = rng.uniform(0.7, 1.3, farms)
    ends = np.round(np.cumsum(weights) / weights.sum() * (fields - farms)).astype(int)
    sizes: np.ndarray = 1 + np.diff(ends, prepend=0)
    return sizes


def _counts(least_and_most: tuple[int, int], owners: int, rng: np.random.Generator) -> np.ndarray:
    least, most = least_and_most
    counts: np.ndarray = rng.integers(least, most + 1, owners)
    return counts


def _place_within(owner: np.ndarray) -> np.ndarray:
    """Number the members of each owner from 0; `owner` is sorted."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)
