"""All four KMZ products of 20,000 fields with 80,000 zones and 20,000 markers, in one run through the embedded stack.

There is no peer: what is asked is that a night is long enough and a small machine large enough. Time is the run's own,
from its start to its end as the server has them; memory is the peak of all processes of the stack that began with the
run: the worker's, and the fork of the warm engine that it asks for.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from modules.i18n import use_language
from tests.benchmarks.backup import portal
from tests.benchmarks.clocked import held_mb
from tests.benchmarks.harness import Goal, Result
from tests.conftest import Stack, start_stack, stop_stack
from tests.prefect_server import ask

FIELDS, QUICK_FIELDS = 20_000, 1_000
MOST_S, MOST_MB = 150, 1_500
LOOK_EVERY_S = 0.05
#: The simulator takes anybody's word.
ACCESS = {"TRANQUERA_PORTAL__CLIENT_ID": "demo", "TRANQUERA_PORTAL__CLIENT_SECRET": "demo"}
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def run(*, quick: bool) -> Result:
    """Back up, make the products, and tell what the second took; 1,000 fields if `quick`."""
    fields = QUICK_FIELDS if quick else FIELDS
    with tempfile.TemporaryDirectory() as folder, portal(fields) as url, use_language("en"):
        home = Path(folder) / "home"
        home.mkdir()
        stack = start_stack(home, "--portal", url, "--no-first-backup", **ACCESS)
        try:
            ended = stack.command("backup", "--json", timeout=600)
            assert ended.returncode == 0, ended.stdout
            case = {"case": f"{fields // 1000}k", **_products(stack)}
        finally:
            stop_stack(stack.process)
    goals = [
        Goal(f"≤{MOST_S} s", case["s"], case["s"] <= MOST_S),
        Goal(f"≤{MOST_MB} MB peak of the run's processes", case["peak_mb"], case["peak_mb"] <= MOST_MB),
    ]
    return Result("products", 1, [case], goals)


def _products(stack: Stack) -> dict[str, Any]:
    """Run Generar KMZ as it comes; tell its time, its steps, its folders and its peak."""
    ended = run_watched(stack, "Generar KMZ/generar-kmz-weekly", {})
    for folder, made in ended.result["products"].items():
        print(
            f"{folder:<24}{made['files']:>7} files {made['bytes'] / 2**20:8.1f} MB {made['seconds']:8.2f} s",
            file=sys.stderr,
        )
    return {
        "s": ended.s,
        "peak_mb": ended.peak_mb,
        "steps": ended.result["seconds_by_step"],
        "files": {folder: made["files"] for folder, made in ended.result["products"].items()},
        "seconds_by_folder": {folder: made["seconds"] for folder, made in ended.result["products"].items()},
    }


@dataclass(frozen=True)
class Ended:
    """A run that completed: its seconds, those of processors, the peak of its processes in MB, the record it left."""

    s: float
    cpu_s: float
    peak_mb: float
    result: dict[str, Any]


def run_watched(stack: Stack, name: str, parameters: Mapping[str, Any]) -> Ended:
    """Run a deployment of a stack, and watch the processes that begin with it."""
    api = stack.prefect_api
    deployment = ask(api, "GET", f"/deployments/name/{name}")["id"]
    body = {"idempotency_key": str(uuid4()), "parameters": dict(parameters)}
    run_id = ask(api, "POST", f"/deployments/{deployment}/create_flow_run", body)["id"]
    there, peak = _family(stack), 0.0
    processors: dict[psutil.Process, float] = {}
    while (found := ask(api, "GET", f"/flow_runs/{run_id}"))["state_type"] not in ENDED:
        begun = _family(stack) - there
        processors |= {process: spent for process in begun if (spent := _spent_s(process)) is not None}
        until = time.monotonic() + 1
        while time.monotonic() < until:
            peak = max(peak, sum(map(held_mb, begun)))
            time.sleep(LOOK_EVERY_S)
    assert found["state_type"] == "COMPLETED", found["state"]
    began, end = (datetime.fromisoformat(found[name]) for name in ("start_time", "end_time"))
    seconds = round((end - began).total_seconds(), 2)
    return Ended(seconds, round(sum(processors.values()), 1), round(peak, 1), _result(api, run_id))


def _spent_s(process: psutil.Process) -> float | None:
    """The processor time of a process; None for one that has ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return None
    return float(times.user + times.system)


def _family(stack: Stack) -> set[psutil.Process]:
    return set(psutil.Process(stack.process.pid).children(recursive=True))


def _result(api: str, run_id: str) -> dict[str, Any]:
    """Read the record that the run left."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [run_id]}, "type": {"any_": ["json"]}}}
    (artifact,) = ask(api, "POST", "/artifacts/filter", wanted)
    data = artifact["data"]
    left: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    result: dict[str, Any] = left["result"]
    return result
