"""One way to the cells of fields: `python -m tests.benchmarks.h3_fill FOLDER CONTENDER RESOLUTION CONTAINMENT`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from tests.benchmarks.h3 import BARE, CENTRE, LOOP
from tests.benchmarks.h3_fields import load
from tests.benchmarks.harness import OURS

#: Fields that are filled before the clock starts, so that no library is loaded and no thread started by it.
WARM_UP = 20
#: A contender does its work so many times in each round, fewer when that takes long; the best one counts.
MOST_TIMES, ENOUGH_S = 5, 10.0
Filled = tuple[np.ndarray, np.ndarray]


def ours(wkb: np.ndarray, resolution: int, containment: str) -> tuple[Callable[[], Any], Callable[[Any], Filled]]:
    """What a grid of ours does first: check, then fill."""
    from modules.h3_grid.fill import Containment, fill, require_placeable

    geometry, arrow = shapely.from_wkb(wkb), pa.array(wkb, pa.binary())
    names = [""] * len(wkb)

    def work() -> Any:
        require_placeable(geometry, names)
        return fill(arrow, resolution, Containment(containment))

    return work, lambda filled: (filled.owner, filled.cells)


def bare(wkb: np.ndarray, resolution: int, containment: str) -> tuple[Callable[[], Any], Callable[[Any], Filled]]:
    """One call of h3ronpy."""
    from h3ronpy.vector import ContainmentMode, wkb_to_cells

    mode = ContainmentMode.ContainsCentroid if containment == CENTRE else ContainmentMode.Covers
    arrow = pa.array(wkb, pa.binary())

    def rows(lists: Any) -> Filled:
        found = pa.array(lists)
        return np.repeat(np.arange(len(found)), found.value_lengths()), found.values.to_numpy()

    return lambda: wkb_to_cells(arrow, resolution, mode), rows


def loop(wkb: np.ndarray, resolution: int, containment: str) -> tuple[Callable[[], Any], Callable[[Any], Filled]]:
    """h3 for each field, by the API that makes arrays instead of texts."""
    import h3.api.numpy_int as h3

    geometry = shapely.from_wkb(wkb)

    def centre() -> Any:
        return [h3.geo_to_cells(each, resolution) for each in geometry]

    def covers() -> Any:
        shapes = map(h3.geo_to_h3shape, geometry)
        return [h3.h3shape_to_cells_experimental(each, resolution, contain="overlap") for each in shapes]

    def rows(cells: Any) -> Filled:
        return np.repeat(np.arange(len(cells)), [len(each) for each in cells]), np.concatenate(cells)

    return (centre if containment == CENTRE else covers), rows


def _clocked(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Do it some times; tell the seconds, and those of all processors, of the time that was disturbed least."""
    began, times = time.perf_counter(), []
    while not times or (len(times) < MOST_TIMES and time.perf_counter() - began < ENOUGH_S):
        start, processor = time.perf_counter(), time.process_time()
        done = work()
        times.append((time.perf_counter() - start, time.process_time() - processor))
    return done, *min(times)


def main(folder: Path, contender: str, resolution: int, containment: str) -> None:
    """Fill, clocked; leave the rows for the comparison."""
    prepare = {OURS: ours, BARE: bare, LOOP: loop}[contender]
    wkb = load(folder)
    prepare(wkb[:WARM_UP], resolution, containment)[0]()
    work, rows = prepare(wkb, resolution, containment)
    filled, seconds, processor = _clocked(work)
    owner, cells = rows(filled)
    found = np.empty(len(cells), dtype=[("owner", np.int64), ("cell", np.uint64)])
    found["owner"], found["cell"] = owner, cells
    path = folder / f"{contender}.npy"
    np.save(path, np.sort(found))
    print(json.dumps({"s": seconds, "cpu_s": processor, "rows": str(path)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
