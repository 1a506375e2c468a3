"""Tiles of random sources, read back by an independent reader and joined, give back the fields."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.tiles.request import TileAddress, Wanted
from tests.unit.tiles.worlds import EXTENT, TWO_PIXELS, join, source_of, tiles_over, to_degrees, window

#: How far a drawn outline may be from the true one, in units of a tile: three quarters of a pixel.
NEAR = 6.0
CROPS = ["soja", "maíz", None, ""]


def star(random: np.random.Generator, x: float, y: float, size: float) -> Any:
    """A field with corners in and out, perhaps with holes."""
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 40))))
    reach = random.uniform(0.3, 1, len(angles)) * size / 2
    corners = np.column_stack([x + np.cos(angles) * reach, y + np.sin(angles) * reach])
    outer = shapely.make_valid(shapely.Polygon(corners))
    for _hole in range(int(random.integers(0, 3))):
        centre = shapely.Point(x + random.uniform(-0.3, 0.3) * size, y + random.uniform(-0.3, 0.3) * size)
        outer = outer.difference(centre.buffer(size * random.uniform(0.02, 0.1), quad_segs=3))
    return outer


def strip(random: np.random.Generator, x: float, y: float, size: float) -> Any:
    """A long and narrow field."""
    turn = random.uniform(0, np.pi)
    reach = np.array([np.cos(turn), np.sin(turn)]) * size / 2
    middle = np.array([x, y])
    return shapely.LineString([middle - reach, middle + reach]).buffer(random.uniform(0.05, 3), cap_style="flat")


def several(random: np.random.Generator, x: float, y: float, size: float) -> Any:
    parts = [star(random, x + dx * size, y, size * 0.6) for dx in (-0.4, 0.4)]
    return shapely.union_all([shapely.make_valid(part) for part in parts])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[int, list[Any]]:
    """A zoom, and fields within some tiles of it, in units of these tiles over the whole world."""
    zoom = draw(st.integers(0, 14))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    whole = EXTENT << zoom
    middle = np.array([draw(st.sampled_from([0.3, 0.5, 0.9])), draw(st.floats(0.2, 0.8))]) * whole
    fields = []
    for kind in draw(st.lists(st.sampled_from([star, strip, several]), min_size=1, max_size=25)):
        size = float(random.choice([3, 10, 15, 40, 300, 2000, 7000]))
        x, y = middle + random.uniform(-0.7, 0.7, 2) * min(EXTENT, whole * 0.05)
        made = shapely.make_valid(kind(random, float(x), float(y), size * random.uniform(0.5, 1.5)))
        parts = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
        made = shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]
        west, north, east, south = made.bounds
        # Within the world, not near a pole, and less wide than half the globe.
        if made.area > 0 and west > 0 and east < min(whole, west + 0.49 * whole) and north > 0 and south < 0.9 * whole:
            fields.append(made)
    return zoom, fields


def measure(shape: Any) -> float:
    west, north, east, south = shape.bounds
    return float(max(east - west, south - north))


@settings(max_examples=30)
@given(worlds())
def test_tiles_joined_give_back_the_fields(world: tuple[int, list[Any]]) -> None:
    zoom, fields = world
    crops = [CROPS[number % len(CROPS)] for number in range(len(fields))]
    hectares = [None if number % 5 == 4 else number + 0.1 for number in range(len(fields))]
    source = source_of([to_degrees(each, zoom) for each in fields], cultivo=crops, superficie_ha=hectares)
    if not fields:
        return
    tiles = tiles_over(shapely.union_all([shapely.box(*each.bounds) for each in fields]).bounds, zoom)
    joined = join(source, tiles, Wanted(("cultivo", "superficie_ha")))

    large = {f"r{number}": each for number, each in enumerate(fields) if measure(each) >= TWO_PIXELS + 1}
    small = [f"r{number}" for number, each in enumerate(fields) if measure(each) < TWO_PIXELS - 1]
    assert set(large) <= set(joined.fields)
    assert not set(small) & set(joined.fields)
    assert sum(cell.properties["n"] for cell in joined.cells.values()) == len(fields) - len(joined.fields)
    for identity, seen in joined.fields.items():
        number = int(identity[1:])
        true = fields[number]
        expected = {"id": identity, "cultivo": crops[number], "superficie_ha": hectares[number]}
        for at, feature, shape in seen:
            assert feature.id == number
            assert feature.properties == {name: value for name, value in expected.items() if value is not None}
            _require_like(shape, true, at)
    _require_every_tile(fields, joined, tiles)
    _require_labels(fields, joined)


def _require_like(shape: Any, true: Any, at: TileAddress) -> None:
    """In its tile a field looks as it is, within three quarters of a pixel; perhaps beyond the world's edge."""
    whole = EXTENT << at.z
    moved = round((true.bounds[0] - shape.bounds[0]) / whole) * whole
    shape = shapely.transform(shape, lambda xy: xy + np.array([moved, 0]))
    inside = shapely.transform(window(at, 0), lambda xy: xy + np.array([moved, 0]))
    assert true.envelope.distance(shapely.transform(window(at, 64), lambda xy: xy + np.array([moved, 0]))) <= NEAR
    assert shape.difference(true.buffer(NEAR)).area == 0
    lost = true.buffer(-NEAR).intersection(inside).difference(shape)
    assert lost.area < 1e-6


def _require_every_tile(fields: list[Any], joined: Any, tiles: list[TileAddress]) -> None:
    """Every tile that a field reaches into has it."""
    for identity, seen in joined.fields.items():
        there = {at for at, _feature, _shape in seen}
        true = fields[int(identity[1:])]
        for at in tiles:
            if true.intersects(window(at, -NEAR)):
                assert at in there


def _require_labels(fields: list[Any], joined: Any) -> None:
    for identity, places in joined.labels.items():
        true = fields[int(identity[1:])]
        assert len(places) == 1
        assert true.distance(shapely.Point(places[0])) <= NEAR
    labelled = {f"r{number}" for number, each in enumerate(fields) if each.area > 120**2}
    assert labelled <= set(joined.labels)
