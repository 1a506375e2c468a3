"""A whole backup against the script that everybody writes first, from the same portal with 50 ms latency.

Both write the same files: four GeoParquet layers, one GeoPackage, GeoJSON, and the current files of crops, samples and
sustainability. Ours also keeps the raw pages, checks everything, hashes every file and syncs it to the disk.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.harness import OURS, Case, Goal, Result, Run, measure

SEASON = "25/26"
LATENCY_MS = 50
LAYERS = ("lotes", "ambientes", "marcadores", "zonas")


def run(*, quick: bool) -> Result:
    """Measure 1,000 fields, and 20,000 fields with 80,000 zones and 20,000 markers unless `quick`."""
    rounds = 3
    result = Result("backup", rounds)
    for name, fields in (("1k", 1_000),) if quick else (("1k", 1_000), ("20k", 20_000)):
        with portal(fields) as url, tempfile.TemporaryDirectory() as folder:
            warm_up(url, Path(folder))
            result.cases.append(measure(case(name, url, Path(folder)), rounds))
    if not quick:
        figures = result.figures("20k")
        ratio, peer = figures["ratio"]["plain"], figures["peers"]["plain"]
        memory = figures["ours"]["peak_mb"] / peer["peak_mb"]
        result.goals = [
            Goal("≥8× plain at 20k", ratio, ratio >= 8),
            Goal("peak memory ≤ plain's at 20k", round(memory, 4), memory <= 1),
        ]
    return result


def case(name: str, url: str, folder: Path) -> Case:
    """Ours and `plain`, each round into new folders.

    Nothing is removed before the end: ext4 goes round the places of files that were removed a while ago, one by one,
    so that a round would pay for the one before it.
    """

    def command(module: str, contender: str, number: int) -> list[str]:
        target = folder / f"{contender}-{number}"
        target.mkdir()
        return [sys.executable, "-m", f"tests.benchmarks.{module}", url, SEASON, str(target)]

    contenders = {
        OURS: lambda number: command("our_backup", OURS, number),
        "plain": lambda number: command("plain_backup", "plain", number),
    }
    return Case(name, contenders, same_fields)


def same_fields(runs: Mapping[str, Run]) -> None:
    """Both have the same ids and geometries in each layer, and as many current files."""
    import geopandas as gpd
    import shapely

    ours, plain = (Path(runs[name].said["folder"]) for name in (OURS, "plain"))
    for layer in LAYERS:
        one, other = (gpd.read_parquet(folder / f"{layer}.parquet").sort_values("id") for folder in (ours, plain))
        assert one["id"].tolist() == other["id"].tolist(), f"{layer}: other ids"
        same = shapely.equals(one.geometry.to_numpy(), other.geometry.to_numpy())
        assert same[~one.get("reparado", default=False)].all(), f"{layer}: other geometries"
    for product in ("cultivos", "muestreos", "sustentabilidad"):
        counts = [len(list((root / product).glob("[!.]*"))) for root in (Path(runs[OURS].said["root"]), plain)]
        assert counts[0] == counts[1], f"{product}: {counts} files"


def warm_up(portal: str, folder: Path) -> None:
    """Have the simulator make every page once; it keeps them, and the first contender would wait for it alone."""
    command = [sys.executable, "-m", "tests.benchmarks.our_backup", portal, SEASON, str(folder / "warm-up")]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def portal(fields: int) -> Iterator[str]:
    """The portal simulator in a process of its own, with four zones and one marker a field."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "app.cli", "portal", "--port", "0", "--fields", str(fields)),
            *("--zones", "4", "--markers", "1", "--latency", str(LATENCY_MS)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("ready "):
                yield line.split()[1]
                break
    finally:
        process.terminate()
        process.wait(20)
