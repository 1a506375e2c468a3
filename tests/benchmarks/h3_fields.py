"""Fields of the pampas for the grid's contenders: `python -m tests.benchmarks.h3_fields FOLDER COUNT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import shapely

from modules.geometry.repair import repair_polygons
from modules.sources.databaler.simulator.parcels import draw_fields, lay_out, place_farms, to_degrees

FILE = "fields.npz"
FIELDS_OF_FARM = 20
SEED = 7


def load(folder: Path) -> np.ndarray:
    """The fields as WKB, an object array."""
    with np.load(folder / FILE) as stored:
        ends = np.cumsum(stored["lengths"])
        content = stored["bytes"].tobytes()
    starts = ends - np.diff(ends, prepend=0)
    return np.array([content[start:end] for start, end in zip(starts, ends, strict=True)], dtype=object)


def main(folder: Path, count: int) -> None:
    """Draw fields of 20 to 180 ha as the simulator does, the same ones each time."""
    rng = np.random.default_rng(SEED)
    farms = np.full(count // FIELDS_OF_FARM, FIELDS_OF_FARM)
    placement = place_farms(len(farms), rng)
    shapes = draw_fields(lay_out(farms, rng), rng)
    placed = to_degrees(shapes, np.repeat(np.arange(len(farms)), farms), placement)
    wkb = shapely.to_wkb(repair_polygons(placed)[0])
    lengths = np.array([len(each) for each in wkb])
    np.savez(folder / FILE, lengths=lengths, bytes=np.frombuffer(b"".join(wkb), dtype=np.uint8))
    print(json.dumps({"fields": len(wkb)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
