"""KMZ of many fields against simplekml and GDAL's LIBKML: one file, a file a farm, a file a field.

Every contender has loaded the same GeoParquet file when its clock starts; memory is its peak above what it held then.
Each placemark has a name, a snippet, a balloon, all columns, and its outline.

A file a field is measured twice: as the writing goes, with nothing synced, and `-durable`, as a run of the products
does it, all files synced and put into their places; its bare files are as safe, by the usual way, one after another.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from tests.benchmarks.harness import OURS, Case, Goal, Result, Run, measure
from tests.benchmarks.pampas_fields import write_fields
from tests.benchmarks.peer_kmz import DURABLE

SIMPLEKML, LIBKML, BARE = "simplekml", "libkml", "bare-files"
#: Case, fields, how they are split into files, peers.
CASES = (
    ("1k", 1_000, "one", (SIMPLEKML, LIBKML)),
    ("1k-by-field", 1_000, "field", (SIMPLEKML, LIBKML, BARE)),
    ("1k-by-field-durable", 1_000, f"field{DURABLE}", (BARE,)),
    ("10k", 10_000, "one", (SIMPLEKML, LIBKML)),
    ("100k", 100_000, "one", (SIMPLEKML, LIBKML)),
    ("100k-by-farm", 100_000, "farm", (SIMPLEKML, LIBKML)),
)
QUICK_FIELDS = 10_000
DEGREES = 1.0e-7
#: A coordinate that is rounded to seven decimals is off by half a unit of the last; a little more for binary digits.
ROUNDING = 0.51 * DEGREES
KML = "{*}"


def run(*, quick: bool) -> Result:
    """Measure all cases; up to 10,000 fields only when `quick`."""
    result = Result("kmz", 3)
    with tempfile.TemporaryDirectory() as folder:
        for name, fields, split, peers in CASES:
            if quick and fields > QUICK_FIELDS:
                continue
            data = Path(folder) / f"{fields}.parquet"
            if not data.exists():
                write_fields(data, fields)
            result.cases.append(measure(case(name, data, Path(folder) / name, split, peers), result.rounds))
    result.goals = goals(result)
    return result


def case(name: str, data: Path, folder: Path, split: str, peers: tuple[str, ...]) -> Case:
    """Ours and the peers, each round into empty folders."""

    def fresh(contender: str) -> str:
        target = folder / contender
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        return str(target)

    def peer_command(peer: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.peer_kmz", peer, str(data), fresh(peer), split]

    contenders = {
        OURS: lambda _round: [sys.executable, "-m", "tests.benchmarks.our_kmz", str(data), fresh(OURS), split],
        **{peer: (lambda _round, peer=peer: peer_command(peer)) for peer in peers},
    }
    return Case(name, contenders, same_placemarks, clocked)


def clocked(run: Run) -> Run:
    """What the contender clocked itself."""
    return Run(run.said["s"], run.said["above_mb"], run.said)


def goals(result: Result) -> list[Goal]:
    """The goals of the cases that were measured."""
    cases = {entry["case"]: entry for entry in result.cases}
    wanted = []
    if "100k" in cases:
        ratio, memory = cases["100k"]["ratio"], cases["100k"]["ours"]["peak_mb"]
        wanted += [
            Goal("≥20× simplekml at 100k", ratio[SIMPLEKML], ratio[SIMPLEKML] >= 20),
            Goal("≥4× LIBKML at 100k", ratio[LIBKML], ratio[LIBKML] >= 4),
            Goal("<300 MB above the data at 100k", memory, memory < 300),
        ]
    if "100k-by-farm" in cases:
        ratio = cases["100k-by-farm"]["ratio"]
        wanted.append(Goal("≥15× simplekml at 100k-by-farm", ratio[SIMPLEKML], ratio[SIMPLEKML] >= 15))
    for name in (each for each in ("1k-by-field", "1k-by-field-durable") if each in cases):
        slower = round(1 / cases[name]["ratio"][BARE], 2)
        wanted.append(Goal(f"{name} ≤1.3× bare files", slower, slower <= 1.3))
    return wanted


@dataclass(frozen=True)
class Said:
    """What the placemarks of a contender say: names by id, and the vertices of each ring by id and place."""

    names: dict[str, str]
    rings: dict[tuple[str, int], np.ndarray]
    files: int


def same_placemarks(runs: Mapping[str, Run]) -> None:
    """All contenders but the bare files have the same fields, names and outlines, in as many files."""
    ours = read(Path(runs[OURS].said["folder"]))
    for peer, theirs in ((peer, Path(run.said["folder"])) for peer, run in runs.items() if peer != OURS):
        if peer == BARE:
            assert len(list(theirs.iterdir())) == ours.files
            continue
        other = read(theirs)
        assert other.files == ours.files, f"{peer}: {other.files} files, not {ours.files}"
        assert other.names == ours.names, f"{peer}: other ids or names"
        assert other.rings.keys() == ours.rings.keys(), f"{peer}: other rings"
        for key, ring in ours.rings.items():
            expected = other.rings[key]
            # Ours run counterclockwise, theirs as they came.
            same = [np.abs(ring - each).max() <= ROUNDING for each in (expected, expected[::-1])]
            assert any(same), f"{peer}: another outline of {key}"


def read(folder: Path) -> Said:
    """Read all placemarks of a contender, with a reader that is nobody's."""
    names: dict[str, str] = {}
    rings: dict[tuple[str, int], np.ndarray] = {}
    files = sorted(folder.iterdir())
    for path in files:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                if entry.endswith(".kml"):
                    _read(archive.open(entry), names, rings)
    return Said(names, rings, len(files))


def _read(document: object, names: dict[str, str], rings: dict[tuple[str, int], np.ndarray]) -> None:
    for _event, placemark in etree.iterparse(document, tag=f"{KML}Placemark"):
        key = _id(placemark)
        names[key] = placemark.findtext(f"{KML}name")
        for number, ring in enumerate(placemark.iter(f"{KML}coordinates")):
            numbers = np.array([float(each) for each in re.split(r"[,\s]+", ring.text.strip())])
            width = 3 if ring.text.split()[0].count(",") == 2 else 2
            rings[key, number] = numbers.reshape(-1, width)[:, :2]
        placemark.clear()


def _id(placemark: etree._Element) -> str:
    for data in placemark.iter(f"{KML}Data", f"{KML}SimpleData"):
        if data.get("name") == "id":
            return str(data.findtext(f"{KML}value") or data.text)
    return str(placemark.get("id"))
