"""Shapes of fields, management zones and other areas: farm by farm in metres, then placed on the pampas in degrees.

Everything is drawn with whole arrays, so that a hundred thousand fields take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from modules.sources.databaler.simulator.names import TOWNS

#: Farms stand on a lattice of this pitch (m); one never reaches into the cell of another.
_PITCH_M = 8_000.0
#: Longest side of a farm before it is turned (m): turned by 12° it still fits its cell.
_FARM_SIDE_M = 6_400.0
#: Half of the road between two fields (m); boundaries wander only inside it.
_VERGE_M = 12.0
_TURN_DEGREES = 12.0
#: Radius of a lagoon, and of the areas beside the fields, at most (m).
_POND_M, _AREA_M = 110.0, 90.0
_DECIMALS = 7
#: A company's farms stand in groups; the next town is used when there are more.
_FARMS_PER_TOWN = 8
#: Points of the line between two zones.
_WAVE_POINTS = 9
_BOX = (-65.5, -38.6, -58.8, -30.8)
_METRES_PER_DEGREE = 111_132.0

#: What the lattice has room for.
MOST_FARMS = 8_000
MOST_FIELDS = 200_000


@dataclass(frozen=True, slots=True)
class Placement:
    """Where each farm stands: centre in degrees (n, 2), turn in radians (n,)."""

    centres: np.ndarray
    turns: np.ndarray


@dataclass(frozen=True, slots=True)
class Blocks:
    """Rectangles of fields in their farm's metres: lower left corner (n, 2) and size (n, 2)."""

    corners: np.ndarray
    sizes: np.ndarray


def place_farms(count: int, rng: np.random.Generator) -> Placement:
    """Spread farms around real towns, each in a lattice cell of its own, the nearest cells first."""
    west, south, east, north = _BOX
    latitudes = np.arange(south, north, _PITCH_M / _METRES_PER_DEGREE)
    cells = np.concatenate(
        [
            np.column_stack([longitudes, np.full(len(longitudes), latitude)])
            for latitude in latitudes
            for longitudes in [np.arange(west, east, _PITCH_M / _east_scale(np.array(latitude)).item())]
        ]
    )
    used = TOWNS[: 1 + count // _FARMS_PER_TOWN]
    towns = np.array([(longitude, latitude) for _name, longitude, latitude in used])
    offsets = cells[:, None, :] - towns[None, :, :]
    offsets[..., 0] *= np.cos(np.radians(cells[:, 1]))[:, None]
    distances = np.hypot(offsets[..., 0], offsets[..., 1])
    chosen = np.argsort(distances.min(axis=1), kind="stable")[:count]
    return Placement(
        centres=cells[chosen],
        turns=np.radians(rng.uniform(-_TURN_DEGREES, _TURN_DEGREES, count)),
    )


def lay_out(fields_per_farm: np.ndarray, rng: np.random.Generator) -> Blocks:
    """Divide each farm into rows and columns of 20 to 180 ha, a road between them."""
    corners, sizes = [], []
    for count in fields_per_farm:
        columns = int(np.ceil(np.sqrt(count)))
        rows = int(np.ceil(count / columns))
        widths = rng.uniform(540, min(1350, _FARM_SIDE_M / columns), columns)
        heights = rng.uniform(520, min(1300, _FARM_SIDE_M / rows), rows)
        x = np.concatenate([[0], np.cumsum(widths)[:-1]]) - widths.sum() / 2
        y = np.concatenate([[0], np.cumsum(heights)[:-1]]) - heights.sum() / 2
        row, column = np.divmod(np.arange(count), columns)
        corners.append(np.column_stack([x[column], y[row]]))
        sizes.append(np.column_stack([widths[column], heights[row]]))
    return Blocks(np.concatenate(corners) + _VERGE_M, np.concatenate(sizes) - 2 * _VERGE_M)


def draw_fields(blocks: Blocks, rng: np.random.Generator) -> np.ndarray:
    """Draw boundaries of 5 to 60 vertices; some fields hold a lagoon, some are cut in two by a road."""
    count = len(blocks.corners)
    shapes = _boundaries(blocks, rng.integers(0, 12, count), rng)
    middles = blocks.corners + blocks.sizes / 2
    kinds = rng.random(count)
    ponds = np.flatnonzero(kinds < 0.06)
    shapes[ponds] = shapely.difference(shapes[ponds], _rounds(middles[ponds], _POND_M, rng))
    cut = np.flatnonzero(kinds > 0.97)
    roads = shapely.box(
        middles[cut, 0] - _VERGE_M, middles[cut, 1] - 5_000, middles[cut, 0] + _VERGE_M, middles[cut, 1] + 5_000
    )
    shapes[cut] = shapely.difference(shapes[cut], roads)
    return shapes


def slice_fields(
    shapes: np.ndarray, blocks: Blocks, zones_per_field: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cut each field into bands along its longer side by wavy lines.

    Gives the zones and the index of the field of each; together the zones of a field are the field.
    """
    owner = np.repeat(np.arange(len(shapes)), zones_per_field)
    first = np.repeat(np.cumsum(zones_per_field) - zones_per_field, zones_per_field)
    place = np.arange(len(owner)) - first
    bands = _bands(blocks, owner, place, zones_per_field[owner], rng)
    zones = shapely.intersection(shapes[owner], bands)
    odd = np.flatnonzero(~np.isin(shapely.get_type_id(zones), [3, 6]))
    for index in odd:
        parts = shapely.get_parts(zones[index])
        zones[index] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return zones, owner


def sample_points(shapes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put a point into each shape, away from its middle where that stays inside."""
    bounds = shapely.bounds(shapes)
    share = rng.uniform(0.2, 0.8, (len(shapes), 2))
    points: np.ndarray = shapely.points(bounds[:, :2] + share * (bounds[:, 2:] - bounds[:, :2]))
    outside = ~shapely.contains(shapes, points)
    points[outside] = shapely.point_on_surface(shapes[outside])
    return points


def draw_areas(blocks: Blocks, starts: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw `counts[i]` small round areas below the fields of farm `i`, whose first field is `starts[i]`."""
    farm = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(farm)) - np.repeat(np.cumsum(counts) - counts, counts)
    corners = blocks.corners[starts[farm]]
    return _rounds(corners + np.column_stack([120.0 + 260.0 * place, np.full(len(farm), -160.0)]), _AREA_M, rng)


def to_degrees(shapes: np.ndarray, farm: np.ndarray, placement: Placement) -> np.ndarray:
    """Turn each shape with its farm and put it on the map: WGS84 longitude and latitude, 7 decimals (about 1 cm)."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    farm = farm[index]
    cosine, sine = np.cos(placement.turns)[farm], np.sin(placement.turns)[farm]
    x = coordinates[:, 0] * cosine - coordinates[:, 1] * sine
    y = coordinates[:, 0] * sine + coordinates[:, 1] * cosine
    centre = placement.centres[farm]
    degrees = np.column_stack(
        [centre[:, 0] + x / _east_scale(centre[:, 1]), centre[:, 1] + y / _north_scale(centre[:, 1])]
    )
    return _with_coordinates(shapes, np.round(degrees, _DECIMALS))


def _boundaries(blocks: Blocks, between_corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rectangles with `between_corners[i]` wandering points on each side of field `i`."""
    shapes = np.empty(len(blocks.corners), dtype=object)
    for between in np.unique(between_corners):
        chosen = np.flatnonzero(between_corners == between)
        ring = _unit_ring(int(between))
        sizes = blocks.sizes[chosen, None, :]
        inward = rng.uniform(0, 2 * _VERGE_M, (len(chosen), len(ring), 2)) * np.sign(0.5 - ring)
        shapes[chosen] = shapely.polygons(blocks.corners[chosen, None, :] + ring * sizes + inward)
    return shapes


def _unit_ring(between: int) -> np.ndarray:
    """Corners of a unit square, counter-clockwise, with points between them; a bare one has a corner cut off."""
    if between == 0:
        return np.array([[0, 0], [1, 0], [1, 0.8], [0.8, 1], [0, 1]], dtype=float)
    t = np.arange(between + 1) / (between + 1)
    nil, one = np.zeros_like(t), np.ones_like(t)
    sides = [(t, nil), (one, t), (1 - t, one), (nil, 1 - t)]
    return np.concatenate([np.column_stack(side) for side in sides])


def _bands(
    blocks: Blocks, owner: np.ndarray, place: np.ndarray, of: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """One band per zone; neighbours share the very points of the line between them."""
    along = np.argmax(blocks.sizes, axis=1)[owner]
    length = np.take_along_axis(blocks.sizes[owner], along[:, None], 1)[:, 0]
    breadth = np.take_along_axis(blocks.sizes[owner], 1 - along[:, None], 1)[:, 0]
    waves = rng.uniform(-0.12, 0.12, (len(owner), _WAVE_POINTS)) * (length / of)[:, None]
    upper = (length * (place + 1) / of)[:, None] + waves
    upper[place + 1 == of] = (length + 100)[place + 1 == of, None]
    lower = np.roll(upper, 1, axis=0)
    lower[place == 0] = -100
    across = np.linspace(-0.1, 1.1, _WAVE_POINTS) * breadth[:, None]
    ring = np.concatenate([np.stack([lower, across], -1), np.stack([upper, across], -1)[:, ::-1]], axis=1)
    tall = along == 1
    ring[tall] = ring[tall][..., ::-1]
    bands: np.ndarray = shapely.polygons(ring + blocks.corners[owner][:, None, :])
    return bands


def _rounds(middles: np.ndarray, radius_m: float, rng: np.random.Generator) -> np.ndarray:
    """Uneven round shapes of 13 vertices about `middles`."""
    angles = np.linspace(0, 2 * np.pi, 13, endpoint=False)
    radii = rng.uniform(0.5 * radius_m, radius_m, (len(middles), 13))
    ring = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)
    rounds: np.ndarray = shapely.polygons(middles[:, None, :] + ring)
    return rounds


def _with_coordinates(shapes: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Copies of `shapes` with other coordinates; `set_coordinates` would write them into the array it is given."""
    moved: np.ndarray = shapely.set_coordinates(shapes.copy(), coordinates)
    return moved


def _north_scale(latitude: np.ndarray) -> np.ndarray:
    """Metres in a degree of latitude on WGS84 (series of the meridian arc)."""
    phi = np.radians(latitude)
    scale: np.ndarray = 111_132.954 - 559.822 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
    return scale


def _east_scale(latitude: np.ndarray) -> np.ndarray:
    """Metres in a degree of longitude on WGS84."""
    phi = np.radians(latitude)
    scale: np.ndarray = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
    return scale
