"""What differs between two snapshots, against the symmetric difference of every pair of fields.

Whole processes from the two snapshots' folders to what changed, imports included. Ours also holds all files against
their hashes, compares the other layers, and looks for moves, splits and mergers.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.changes_fields import BARE, BEFORE, NOW
from tests.benchmarks.harness import OURS, Case, Goal, Result, Run, measure

PEER = "symmetric-difference"
WITHOUT_HASHES = "without-hashes"
FIELDS, FEW_FIELDS = 100_000, 10_000
ROUNDS = 3
HASHED_RATIO, RATIO = 10, 6


def run(*, quick: bool) -> Result:
    """Measure 100,000 fields, 10,000 if `quick`; the goals are for 100,000."""
    result = Result("changes", ROUNDS)
    count = FEW_FIELDS if quick else FIELDS
    with tempfile.TemporaryDirectory() as folder:
        made = [sys.executable, "-m", "tests.benchmarks.changes_fields", str(count), folder]
        subprocess.run(made, check=True)
        result.cases.append(measure(case(f"{count // 1000}k", Path(folder)), ROUNDS))
    figures = result.cases[0]
    peer = figures["peers"][PEER]["s"]
    hashed, bare = peer / figures["ours"]["s"], peer / figures["peers"][WITHOUT_HASHES]["s"]
    if not quick:
        result.goals = [
            Goal(f"≥{HASHED_RATIO}× {PEER} at 100k with stored hashes", round(hashed, 2), hashed >= HASHED_RATIO),
            Goal(f"≥{RATIO}× {PEER} at 100k without", round(bare, 2), bare >= RATIO),
        ]
    return result


def case(name: str, folder: Path) -> Case:
    """Ours with and without stored hashes, and the peer."""

    def command(module: str, contender: str, ending: str = "") -> Callable[[int], list[str]]:
        snapshots = [str(folder / f"{each}{ending}") for each in (BEFORE, NOW)]
        told = str(folder / f"{contender}.json")
        return lambda _round: [sys.executable, "-m", f"tests.benchmarks.{module}", *snapshots, told]

    contenders = {
        OURS: command("our_changes", OURS),
        PEER: command("plain_changes", PEER),
        WITHOUT_HASHES: command("our_changes", WITHOUT_HASHES, BARE),
    }
    return Case(name, contenders, same_changes)


def same_changes(runs: Mapping[str, Run]) -> None:
    """All tell the same ids, columns and hectares."""
    expected = _told(runs[PEER])
    assert all(expected[part] for part in ("added", "removed", "attributes", "outlines"))
    for name in (OURS, WITHOUT_HASHES):
        found = _told(runs[name])
        for part in ("added", "removed"):
            assert sorted(found[part]) == sorted(expected[part]), f"{name}: other fields {part}"
        assert found["attributes"] == expected["attributes"], f"{name}: other attributes"
        assert found["outlines"].keys() == expected["outlines"].keys(), f"{name}: other outlines"
        for id_, hectares in expected["outlines"].items():
            assert math.isclose(found["outlines"][id_], hectares, rel_tol=1e-4, abs_tol=1e-4), f"{name}: {id_}"
        assert math.isclose(found["gained_ha"], expected["gained_ha"], abs_tol=1e-3)


def _told(run: Run) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Path(run.said["told"]).read_text())
    return told
