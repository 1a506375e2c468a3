"""Tiles on the server's side: how long one takes, cold and kept, alone and with 20 people who pan for a minute.

`cold`: a fresh process loads the source and makes random tiles of all zooms, one after the other, compressed.
`http`: the real dashboard on loopback. `kept` tiles were asked for before; `one` and `many` pan over parts of the map
that nobody has seen, one person and then twenty, each four tiles a step and a step a second.

`cpu_p95_ms` is the processor's time of the same tiles, which other work on the machine changes less. There is no peer:
what other ways cost stands in docs/decisions/0006-tiles-in-numpy.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from modules.tiles.mercator import project
from tests.benchmarks.harness import Goal, Result, run_fresh
from tests.benchmarks.tile_fields import write
from tests.benchmarks.tile_paths import Walk, p95, pan, walk_tile
from tests.dashboard import Dashboard, running_dashboard

PEOPLE = 20


def run(*, quick: bool) -> Result:
    """Measure 100,000 fields of 30 vertices; 5,000 and seconds instead of a minute if `quick`."""
    count, label, for_s, tiles = (5_000, "5k", 5, 4) if quick else (100_000, "100k", 60, 40)
    result = Result("tiles", rounds=1)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        source = write(home, count)
        command = [sys.executable, "-m", "tests.benchmarks.tiles_cold", str(home), source, str(tiles)]
        cold = run_fresh(command)
        case: dict[str, Any] = {"case": label, "ours": {"s": cold.s, "peak_mb": cold.peak_mb}, "peers": {}, "ratio": {}}
        case["cold"] = dict(cold.said)
        print(f"{label}: {cold.said}", file=sys.stderr)
        with running_dashboard(home) as dashboard:
            case["http"] = _over_http(dashboard, source, for_s)
        print(f"{label}: {case['http']}", file=sys.stderr)
    result.cases.append(case)
    result.goals = _goals(label, case)
    return result


def _goals(label: str, case: dict[str, Any]) -> list[Goal]:
    fine, coarse = (case["cold"]["p95_ms"][kind] for kind in ("fine", "coarse"))
    http = case["http"]
    ratio = round(http["many"]["p95_ms"] / http["one"]["p95_ms"], 2)
    return [
        Goal(f"p95 of a cold tile ≤60 ms at z≥10, {label}", fine, fine <= 60),
        Goal(f"p95 of a cold tile ≤250 ms at z<10, {label}", coarse, coarse <= 250),
        Goal("p95 of a kept tile ≤5 ms", http["kept"]["p95_ms"], http["kept"]["p95_ms"] <= 5),
        Goal(f"{PEOPLE} people who pan: no error", http["many"]["errors"], http["many"]["errors"] == 0),
        Goal(f"{PEOPLE} people who pan: p95 ≤4× that of one", ratio, ratio <= 4),
    ]


def _over_http(dashboard: Dashboard, source: str, for_s: float) -> dict[str, Any]:
    with _peak_of(dashboard.pid) as peak:
        connection = HTTPConnection("127.0.0.1", dashboard.port, timeout=120)
        began = time.perf_counter()
        connection.request("GET", f"/tiles/{source}/info.json")
        info = json.loads(connection.getresponse().read())
        first_s = time.perf_counter() - began
        kept = _kept(connection, source, info["bounds"])
        connection.close()
        one = pan(dashboard.port, source, info["bounds"], 1, for_s / 2, seed=1)
        many = pan(dashboard.port, source, info["bounds"], PEOPLE, for_s, seed=100)
    return {
        "first_info_s": round(first_s, 2),
        "kept": _figures(kept),
        "one": _figures(one),
        "many": _figures(many),
        "server_peak_mb": round(max(peak) / 1e6),
    }


def _kept(connection: HTTPConnection, source: str, bounds: list[float]) -> Walk:
    """Ask for the same tiles again and again; the first time does not count."""
    west, south, east, north = bounds
    x, y = project(np.array([[(west + east) / 2, (south + north) / 2]]))[0].tolist()
    walk = Walk()
    for number in range(21):
        if number == 1:
            walk = Walk()
        for zoom in range(4, 15):
            walk_tile(connection, f"/tiles/{source}/{zoom}/{x >> (30 - zoom)}/{y >> (30 - zoom)}.mvt", walk)
    return walk


def _figures(walk: Walk) -> dict[str, float]:
    for error in walk.errors[:5]:
        print(error, file=sys.stderr)
    mean = round(1e3 * sum(walk.seconds) / len(walk.seconds), 2)
    return {"tiles": len(walk.seconds), "mean_ms": mean, "p95_ms": p95(walk.seconds), "errors": len(walk.errors)}


@contextmanager
def _peak_of(pid: int) -> Iterator[list[int]]:
    """Watch the memory of a process inside the block."""
    seen, done, process = [0], threading.Event(), psutil.Process(pid)

    def watch() -> None:
        while not done.wait(0.1):
            seen.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()
