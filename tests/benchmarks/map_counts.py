"""How many features our map shows: the tiles that a browser asked for, read by an independent reader and joined."""

from __future__ import annotations

import re

import httpx

from tests.benchmarks.map_servers import Server
from tests.benchmarks.map_visit import Visit
from tests.mvt import Feature, decode

_EXTENT = 4096
_TILE = re.compile(r"/(\d+)/\d+/\d+\.mvt")


def fields_shown(server: Server, visit: Visit) -> int:
    """Count the fields on the map, those that are merged with others among them."""
    found: set[object] = set()
    merged = 0
    for feature in _shapes(server, visit, "lotes"):
        if "n" not in feature.properties:
            found.add(feature.properties["id"])
        elif all(0 <= axis < _EXTENT for axis in feature.parts[0][0]):  # the margin belongs to the neighbour
            merged += int(feature.properties["n"])
    return len(found) + merged


def hectares_shown(server: Server, visit: Visit) -> float:
    """Sum up the hectares of the grid's cells on the map; one that reaches into two tiles counts once."""
    shapes = _shapes(server, visit, "celdas")
    return sum({each.properties["id"]: float(each.properties["superficie_ha"]) for each in shapes}.values())


def _shapes(server: Server, visit: Visit, layer: str) -> list[Feature]:
    """Read the shapes of a layer's tiles at the zoom that was drawn last."""
    tiles = [each for each in visit.asked if f"/{layer}/" in each and _TILE.search(each)]
    assert tiles, f"no tile of {layer} was asked for"
    shown = [each for each in dict.fromkeys(tiles) if _zoom(each) == _zoom(tiles[-1])]
    shapes = []
    for address in shown:
        layers = decode(httpx.get(f"{server.url}{address}", timeout=60).raise_for_status().content)
        shapes += layers["shapes"].features if "shapes" in layers else []
    return shapes


def _zoom(address: str) -> str:
    found = _TILE.search(address)
    assert found is not None
    return found[1]
