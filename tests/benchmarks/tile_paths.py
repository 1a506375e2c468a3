"""People who pan a map: each moves over it in steps, asks for the tiles that come into view, and looks a while."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import numpy as np

from modules.tiles.mercator import project

#: Tiles that come into view with a step, and how long somebody looks before the next.
STEP_TILES = 4
LOOK_S = 1.0
ZOOMS = (8, 9, 10, 11, 12, 13)


@dataclass
class Walk:
    """Seconds that each tile took, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def pan(port: int, source: str, bounds: Sequence[float], people: int, for_s: float, seed: int) -> Walk:
    """Let some people pan at once for a time; gives the tiles of all of them."""
    with ThreadPoolExecutor(people) as threads:
        walks = list(threads.map(lambda number: _one(port, source, bounds, for_s, seed + number), range(people)))
    return Walk([each for walk in walks for each in walk.seconds], [each for walk in walks for each in walk.errors])


def _one(port: int, source: str, bounds: Sequence[float], for_s: float, seed: int) -> Walk:
    random = np.random.default_rng(seed)
    walk, connection = Walk(), HTTPConnection("127.0.0.1", port, timeout=30)
    west, south, east, north = bounds
    time.sleep(random.uniform(0, LOOK_S))  # nobody moves in step
    ends = time.monotonic() + for_s
    zoom = x = y = 0
    steps = 0
    while time.monotonic() < ends:
        if steps % 8 == 0:  # somewhere else
            zoom = int(random.choice(ZOOMS))
            place = np.array([[random.uniform(west, east), random.uniform(south, north)]])
            x, y = (int(each) >> (30 - zoom) for each in project(place)[0])
        steps += 1
        x += 1
        for dy in range(STEP_TILES):
            walk_tile(connection, f"/tiles/{source}/{zoom}/{x}/{y + dy}.mvt?columns=cultivo", walk)
        time.sleep(LOOK_S * random.uniform(0.5, 1.5))
    connection.close()
    return walk


def walk_tile(connection: HTTPConnection, address: str, walk: Walk) -> None:
    """Ask for one tile, and note how long it took."""
    began = time.perf_counter()
    try:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        walk.errors.append(repr(error))
        connection.close()
        return
    walk.seconds.append(time.perf_counter() - began)
    if answer.status not in (200, 204):
        walk.errors.append(f"{answer.status} {address}")


def p95(seconds: Sequence[float]) -> float:
    """Tell the 95th percentile in ms."""
    return round(1e3 * float(np.quantile(seconds, 0.95)), 2)
