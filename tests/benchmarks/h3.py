"""Fields → cells: our fill against h3 in a loop and h3ronpy as it comes, each with the same containment.

Cases such as `10k-res9` are in centre mode, the only one that `h3.geo_to_cells` knows. Those that end in `-covers` take
all cells that share area with a field, which is what our grids are made of; there the loop calls
`h3shape_to_cells_experimental` with `overlap`, and may differ by the few cells that it is known to miss.

Contenders clock themselves: from fields that are in memory to cells, without start-up, the best of up to five times in
each round. `cpu_s` are seconds of all processors, which other work on the machine changes less. Ours begins with the
check of coordinates and ends with a row for each cell and field, the peers end with a list for each field. h3ronpy, and
so ours, uses all cores; the loop has one. `grid` are the figures of the whole weighted grid, once for each resolution:
time and memory, and how far the hectares of a field's cells are from those that pyproj measures.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.harness import OURS, Case, Goal, Result, Run, measure, run_fresh

LOOP, BARE = "h3-loop", "h3ronpy"
RESOLUTIONS = (9, 10, 11)
CENTRE, COVERS = "centre", "covers"
#: Share of all cells that h3's overlap mode may miss or have too many.
KNOWN_MISSES = 1e-3


def run(*, quick: bool) -> Result:
    """Measure 10,000 fields, 1,000 if `quick`."""
    count, label = (1_000, "1k") if quick else (10_000, "10k")
    result = Result("h3", rounds=3)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run_fresh(_command("h3_fields", folder, count))
        for resolution in RESOLUTIONS:
            name = f"{label}-res{resolution}"
            figures = _measure(name, folder, resolution, CENTRE, result.rounds)
            result.cases.append(figures | {"grid": _grid(folder, resolution)})
            result.cases.append(_measure(f"{name}-covers", folder, resolution, COVERS, result.rounds))
    result.goals = _goals(result, label)
    return result


def _goals(result: Result, label: str) -> list[Goal]:
    named = [result.figures(f"{label}-res{resolution}") for resolution in RESOLUTIONS]
    loop = min(case["ratio"][LOOP] for case in named)
    bare = max(round(case["ours"]["s"] / case["peers"][BARE]["s"], 2) for case in result.cases)
    off = max(case["grid"]["largest_error"] for case in named)
    return [
        Goal("≥5× h3-loop", loop, loop >= 5),
        Goal("≤1.3× the time of h3ronpy, same containment", bare, bare <= 1.3),
        Goal("area of each field adds up to 0.1 %", off, off <= 1e-3),
    ]


def _measure(name: str, folder: Path, resolution: int, containment: str, rounds: int) -> dict[str, Any]:
    processor: dict[str, list[float]] = {OURS: [], LOOP: [], BARE: []}
    figures = measure(_case(name, folder, resolution, containment, processor), rounds)
    return figures | {"cpu_s": {each: round(statistics.median(times), 3) for each, times in processor.items()}}


def _case(name: str, folder: Path, resolution: int, containment: str, processor: Mapping[str, list[float]]) -> Case:
    def agree(runs: Mapping[str, Run]) -> None:
        for each, run in runs.items():
            processor[each].append(run.said["cpu_s"])
        ours, bare, loop = (_rows(runs[each]) for each in (OURS, BARE, LOOP))
        assert np.array_equal(ours, bare), f"{name}: other cells than h3ronpy"
        if containment == CENTRE:
            assert np.array_equal(ours, loop), f"{name}: other cells than h3"
        else:
            off = len(np.setxor1d(ours, loop))
            assert off <= KNOWN_MISSES * len(ours), f"{name}: {off} cells differ from those of h3"

    contenders = {
        each: lambda _round, each=each: _command("h3_fill", folder, each, resolution, containment)
        for each in (OURS, LOOP, BARE)
    }
    return Case(name, contenders, agree, counted=lambda run: replace(run, s=run.said["s"]))


def _rows(run: Run) -> np.ndarray:
    """The rows of field and cell that a contender left, as a sorted array of records."""
    rows: np.ndarray = np.load(run.said["rows"])
    return rows


def _grid(folder: Path, resolution: int) -> dict[str, Any]:
    ended = run_fresh(_command("h3_grid", folder, resolution))
    return {**ended.said, "peak_mb": round(ended.peak_mb, 1)}


def _command(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]
