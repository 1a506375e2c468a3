"""Tiles made one after the other from a source just loaded: `python -m tests.benchmarks.tiles_cold HOME SOURCE TILES`.

Prints seconds of each kind of tile, compressed, and what the source takes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from app.services.tiles.kinds import load
from app.services.tiles.serving import compressed
from modules.tiles.mercator import project
from modules.tiles.request import TileAddress, Wanted
from tests.benchmarks.tile_paths import p95

WANTED = Wanted(("cultivo",))


def main(home: Path, source: str, count: int) -> None:
    began = time.perf_counter()
    rows = load(home, source).rows
    loaded = time.perf_counter() - began
    random = np.random.default_rng(5)
    west, south, east, north = rows.info()["bounds"]
    seconds: dict[str, list[float]] = {"fine": [], "coarse": []}
    processor: dict[str, list[float]] = {"fine": [], "coarse": []}
    sizes = []
    for zoom in range(15):
        places = np.column_stack([random.uniform(west, east, count), random.uniform(south, north, count)])
        for x, y in sorted({(x >> (30 - zoom), y >> (30 - zoom)) for x, y in project(places).tolist()}):
            began, began_cpu = time.perf_counter(), time.process_time()
            body = compressed(rows.tile(TileAddress(zoom, x, y), WANTED))
            kind = "fine" if zoom >= 10 else "coarse"
            seconds[kind].append(time.perf_counter() - began)
            processor[kind].append(time.process_time() - began_cpu)
            sizes.append(len(body))
    print(
        json.dumps(
            {
                "load_s": round(loaded, 2),
                "p95_ms": {kind: p95(times) for kind, times in seconds.items()},
                "cpu_p95_ms": {kind: p95(times) for kind, times in processor.items()},
                "mean_ms": {kind: round(1e3 * float(np.mean(times)), 1) for kind, times in seconds.items()},
                "tiles": {kind: len(times) for kind, times in seconds.items()},
                "largest_tile_kb": round(max(sizes) / 1e3),
                "source_mb": round(rows.nbytes / 1e6),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
