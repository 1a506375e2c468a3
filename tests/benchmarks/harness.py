"""What every benchmark shares: fresh processes, rounds in turn, medians, ratios and goals.

A contender is a command that runs in a process of its own for each round and prints, as its last line, a JSON object.
Time is that of the whole process, from its start to its end; peak memory is that of the process and of all that it
starts together. A case may count less: what a contender clocked itself, once its data were loaded. Contenders take
turns in each round, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NAMES = ("backup", "changes", "formats", "h3", "kmz", "latency", "map", "products", "spread", "tiles")
OURS = "ours"


@dataclass(frozen=True)
class Run:
    """One run of a contender: seconds, peak memory in MB, and what it printed last."""

    s: float
    peak_mb: float
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """Ours and its peers, each a function that makes the command for a round."""

    name: str
    contenders: Mapping[str, Callable[[int], Sequence[str]]]  # by name; `ours` is one of them
    #: Raises AssertionError when the outputs of a round do not say the same.
    agree: Callable[[Mapping[str, Run]], None]
    #: What counts of a run: all of the process, or the part that a contender clocked itself.
    counted: Callable[[Run], Run] = lambda run: run


@dataclass(frozen=True)
class Goal:
    """A goal and what was reached."""

    goal: str
    value: float
    met: bool


@dataclass
class Result:
    """What a benchmark found, in the form every benchmark reports."""

    name: str
    rounds: int
    cases: list[dict[str, Any]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The JSON object of the last line."""
        return {
            "name": self.name,
            "rounds": self.rounds,
            "cases": self.cases,
            "goals": [vars(goal) for goal in self.goals],
            "met": all(goal.met for goal in self.goals),
        }

    def figures(self, case: str) -> dict[str, Any]:
        """The figures of one case."""
        return next(entry for entry in self.cases if entry["case"] == case)


def run_fresh(command: Sequence[str]) -> Run:
    """Run a command in a process of its own; raises CalledProcessError when it fails."""
    clocked = [sys.executable, "-m", "tests.benchmarks.clocked", *command]
    ended = subprocess.run(clocked, stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(ended.stdout))


def measure(case: Case, rounds: int) -> dict[str, Any]:
    """Run all contenders of a case in turn, and report medians and ratios (peer to ours: above 1, ours is faster)."""
    runs: dict[str, list[Run]] = {name: [] for name in case.contenders}
    for number in range(rounds):
        for name, command in case.contenders.items():
            run = case.counted(run_fresh(command(number)))
            runs[name].append(run)
            print(
                f"{case.name:>10}  round {number + 1}  {name:<18}{run.s:8.2f} s {run.peak_mb:8.0f} MB", file=sys.stderr
            )
        case.agree({name: entries[-1] for name, entries in runs.items()})
    figures = {name: _median(entries) for name, entries in runs.items()}
    ours = figures.pop(OURS)
    return {
        "case": case.name,
        "ours": ours,
        "peers": figures,
        "ratio": {name: round(peer["s"] / ours["s"], 2) for name, peer in figures.items()},
    }


def _median(runs: Sequence[Run]) -> dict[str, float]:
    return {
        "s": round(statistics.median(run.s for run in runs), 3),
        "peak_mb": round(statistics.median(run.peak_mb for run in runs), 1),
    }
