"""How many features our map shows: the tiles that a browser asked for, read by an independent reader and joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import httpx

from tests.benchmarks.map_servers import Server
from tests.benchmarks.map_visit import Visit
from tests.mvt import Feature, decode

_EXTENT = 4096
_TILE = re.compile(r"/(\d+)/\d+/\d+\.mvt")


def tiles_shown(server: Server, visit: Visit, layer: str) -> list[bytes]:
    """Fetch the tiles of a layer again that a visit asked for, those of the zoom that was drawn last."""
    tiles = [each for each in visit.asked if f"/{layer}/" in each and _TILE.search(each)]
    assert tiles, f"no tile of {layer} was asked for"
    shown = [each for each in dict.fromkeys(tiles) if _zoom(each) == _zoom(tiles[-1])]
    return [httpx.get(f"{server.url}{each}", timeout=60).raise_for_status().content for each in shown]


def fields_in(tiles: Sequence[bytes]) -> int:
    """Count the fields in tiles of one zoom, those that are merged with others among them."""
    found: set[object] = set()
    merged = 0
    for feature in _shapes(tiles):
        if "n" not in feature.properties:
            found.add(feature.properties["id"])
        elif all(0 <= axis < _EXTENT for axis in feature.parts[0][0]):  # what lies in the margin is the neighbour's
            merged += int(feature.properties["n"])
    return len(found) + merged


def hectares_in(tiles: Sequence[bytes]) -> float:
    """Sum up the hectares of the grid's cells in tiles of one zoom; one that reaches into two of them counts once."""
    return sum({each.properties["id"]: float(each.properties["superficie_ha"]) for each in _shapes(tiles)}.values())


def _shapes(tiles: Sequence[bytes]) -> Iterator[Feature]:
    for tile in tiles:
        layers = decode(tile)
        yield from layers["shapes"].features if "shapes" in layers else []


def _zoom(address: str) -> str:
    found = _TILE.search(address)
    assert found is not None
    return found[1]
