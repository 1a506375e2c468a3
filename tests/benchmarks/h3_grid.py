"""A whole grid, weighed: `python -m tests.benchmarks.h3_grid FOLDER RESOLUTION` tells its time, rows and error."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyproj
import shapely

from modules.h3_grid.grid import build_grid
from tests.benchmarks.h3_fields import load
from tests.unit.h3.grids import fields_of, markers_of, zones_of


def main(folder: Path, resolution: int) -> None:
    """Make the grid, then hold the hectares of each field's cells against pyproj's."""
    shapes = shapely.from_wkb(load(folder))
    fields, zones, markers = fields_of(shapes), zones_of([], []), markers_of([], [])
    began = time.perf_counter()
    grid = build_grid(fields, zones, markers, resolution)
    seconds = time.perf_counter() - began
    row = pc.index_in(grid.cells["lote_id"], value_set=fields.table["id"].combine_chunks()).to_numpy()
    found = np.bincount(row, grid.cells["superficie_ha"].to_numpy(), minlength=len(shapes))
    geod = pyproj.Geod(ellps="WGS84")
    turned = shapely.orient_polygons(fields.geometry)
    expected = np.array([geod.geometry_area_perimeter(each)[0] for each in turned]) / 1e4
    error = float(np.abs(found / expected - 1).max())
    print(json.dumps({"s": round(seconds, 2), "rows": len(grid.cells), "largest_error": error}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
