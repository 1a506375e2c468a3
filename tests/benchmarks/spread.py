"""Grids and KMZ in the run's own process, and with two processes of Dask: from when on it pays.

Runs of the embedded stack, as in `products`: 20,000 fields with 80,000 zones and 20,000 markers, and five times as
many. A grid is that of resolution 9 with all of its files, KMZ are all four folders. Time is the run's own by the
server's stamps, the start of Dask's processes included; memory is the peak of all processes that began with the run,
`cpu_s` are their seconds of all processors, but for the last second of each: other work on the machine changes them
less. `ours` is the run's own process, the peer is the same run with `TRANQUERA_DASK=2`: a ratio below 1 says that Dask
was faster. Both take turns, and their files are held against each other, byte by byte, before a time counts. There is
no goal.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from modules.i18n import use_language
from modules.kmz_products.request import Product
from modules.storage.roots import Folder
from tests.benchmarks.backup import portal
from tests.benchmarks.harness import OURS, Result
from tests.benchmarks.products import ACCESS, Ended, run_watched
from tests.conftest import Stack, start_stack, stop_stack

PROCESSES = 2
DASK = f"dask-{PROCESSES}"
#: What is said in the `.env` of the home while a contender runs.
SAID = {OURS: "", DASK: f"TRANQUERA_DASK={PROCESSES}\n"}
RUNS = {
    "grid": ("Grilla H3/grilla-h3-weekly", {"resolucion": 9}, [Folder.H3]),
    "kmz": ("Generar KMZ/generar-kmz-weekly", {}, [product.folder for product in Product]),
}
BACKUP_S = 1800


def run(*, quick: bool) -> Result:
    """Measure 20,000 fields in three rounds and 100,000 in one; if `quick`, only the first, in one round."""
    result = Result("spread", 1 if quick else 3)
    sizes = [(20_000, result.rounds)] if quick else [(20_000, result.rounds), (100_000, 1)]
    for fields, rounds in sizes:
        with tempfile.TemporaryDirectory() as folder, portal(fields) as url, use_language("en"):
            home = Path(folder) / "home"
            home.mkdir()
            stack = start_stack(home, "--portal", url, "--no-first-backup", **ACCESS)
            try:
                ended = stack.command("backup", "--json", timeout=BACKUP_S)
                assert ended.returncode == 0, ended.stdout
                result.cases += [_case(stack, kind, fields, rounds) for kind in RUNS]
            finally:
                stop_stack(stack.process)
    return result


def _case(stack: Stack, kind: str, fields: int, rounds: int) -> dict[str, Any]:
    label = f"{kind}-{fields // 1000}k"
    name, parameters, folders = RUNS[kind]
    runs: dict[str, list[Ended]] = {contender: [] for contender in SAID}
    for number in range(rounds):
        contents = {}
        for contender, said in SAID.items():
            (stack.home / ".env").write_text(said)
            ended = run_watched(stack, name, parameters)
            runs[contender].append(ended)
            contents[contender] = _content(stack, folders)
            print(
                f"{label:>10}  round {number + 1}  {contender:<8}{ended.s:8.2f} s {ended.cpu_s:8.1f} cpu s "
                f"{ended.peak_mb:8.0f} MB {ended.result['seconds_by_step']}",
                file=sys.stderr,
            )
        assert contents[OURS] == contents[DASK], f"{label}: other files"
    figures = {contender: _median(ended) for contender, ended in runs.items()}
    ours = figures.pop(OURS)
    ratio = {contender: round(peer["s"] / ours["s"], 2) for contender, peer in figures.items()}
    return {"case": label, "rounds": rounds, "ours": ours, "peers": figures, "ratio": ratio}


def _content(stack: Stack, folders: list[Folder]) -> dict[str, str]:
    """What stands in folders, by name; a GeoPackage says when it was written."""
    root = stack.home / "test_outputs"
    files = [path for folder in folders for path in (root / folder).iterdir() if path.is_file()]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".gpkg"
    }


def _median(runs: list[Ended]) -> dict[str, Any]:
    return {
        "s": round(statistics.median(each.s for each in runs), 2),
        "cpu_s": round(statistics.median(each.cpu_s for each in runs), 1),
        "peak_mb": round(statistics.median(each.peak_mb for each in runs), 1),
        "steps": {
            step: round(statistics.median(each.result["seconds_by_step"][step] for each in runs), 2)
            for step in runs[0].result["seconds_by_step"]
        },
    }
