"""The fields of a snapshot in each format, against geopandas with its defaults.

Both read the snapshot's Parquet file and write the same rows and columns. Ours also holds that file against its hash,
reads back what it wrote, syncs it to the disk, and zips a Shapefile, which geopandas leaves as five loose files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import OURS, Case, Goal, Result, Run, measure

PEER = "geopandas"
#: Name of each case, and the ending of what geopandas writes.
CASES = {"gpkg": ".gpkg", "geojson": ".geojson", "parquet": ".parquet", "shapefile": ".shp", "flatgeobuf": ".fgb"}
FIELDS, FEW_FIELDS = 100_000, 10_000
ROUNDS = 3
GEOJSON_RATIO = 3


def run(*, quick: bool) -> Result:
    """Measure 100,000 fields, 10,000 if `quick`."""
    result = Result("formats", ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = fields_snapshot(FEW_FIELDS if quick else FIELDS, Path(folder) / "home")
        for name in CASES:
            result.cases.append(measure(case(name, snapshot, Path(folder) / name), ROUNDS))
    ratios = {name: result.figures(name)["ratio"][PEER] for name in CASES}
    result.goals = [Goal(f"{name} no slower than geopandas", ratio, ratio >= 1) for name, ratio in ratios.items()]
    if not quick:
        ratio = ratios["geojson"]
        result.goals.append(Goal(f"GeoJSON ≥{GEOJSON_RATIO}× geopandas at 100k", ratio, ratio >= GEOJSON_RATIO))
    return result


def fields_snapshot(count: int, home: Path) -> Path:
    """Make a snapshot in a process of its own; tells its folder."""
    home.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.benchmarks.fields_snapshot", str(count), str(home)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    assert told["fields"] == count
    return Path(told["folder"])


def case(name: str, snapshot: Path, folder: Path) -> Case:
    """Ours and geopandas, each round into empty folders."""

    def fresh(contender: str) -> Path:
        target = folder / contender
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        return target

    def ours(_round: int) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.our_export", str(snapshot), name, str(fresh(OURS))]

    def peer(_round: int) -> list[str]:
        target = fresh(PEER) / f"lotes{CASES[name]}"
        return [sys.executable, "-m", "tests.benchmarks.plain_export", str(snapshot), str(target)]

    return Case(name, {OURS: ours, PEER: peer}, partial(same_rows, name))


def same_rows(name: str, runs: Mapping[str, Run]) -> None:
    """Both have the same ids, values and outlines; names of a Shapefile's columns are each one's own."""
    from tests.unit.snapshots.shapes import same_shapes

    ours, plain = (_frame(name, Path(runs[each].said["file"])) for each in (OURS, PEER))
    assert len(ours) == len(plain) > 0
    assert name == "shapefile" or list(ours.columns) == list(plain.columns), f"{name}: other columns"
    for column, other in zip(ours.columns, plain.columns, strict=True):
        if column != "geometry":
            assert _same(column, ours[column], plain[other]), f"{name}: other values of {column}"
    assert same_shapes(ours.geometry, plain.geometry), f"{name}: other outlines"


def _frame(name: str, path: Path) -> Any:
    import geopandas
    import pyogrio

    if name == "parquet":
        frame = geopandas.read_parquet(path)
    elif path.suffix == ".zip":
        (layer,) = (entry for entry in _entries(path) if entry.endswith(".shp"))
        frame = pyogrio.read_dataframe(f"/vsizip/{path}/{layer}")
    else:
        frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    return frame.sort_values("id").reset_index(drop=True)


def _entries(path: Path) -> list[str]:
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        return archive.namelist()


def _same(column: str, one: Any, other: Any) -> bool:
    import numpy as np
    import pandas as pd

    if column.startswith("actualiz"):  # a moment, or how each one writes it into a Shapefile
        return bool((pd.to_datetime(one, utc=True) == pd.to_datetime(other, utc=True)).all())
    if one.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=1e-9, equal_nan=True))
    return bool((one.isna() == other.isna()).all() and (one.dropna() == other.dropna()).all())
