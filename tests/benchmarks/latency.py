"""From the click to Running and Completed: the stack as `up` starts it, beside Prefect's defaults on the same server.

A click is the creation of a run by the API. The peer is a second work pool with a worker started without any of our
settings, and the same flow deployed there without job variables. Clicks come in turns and at random moments, so that
every phase of either worker's polling is met.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import httpx

from modules.settings import PROJECT
from tests.benchmarks.harness import OURS, Goal, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CASE = "hello-world"
DEFAULTS = "prefect-defaults"
#: Names of pools that begin with “prefect” are Prefect's own.
POOL = "defaults"
#: Prefect's own default between two questions of a worker (PREFECT_WORKER_QUERY_SECONDS).
DEFAULT_POLL_S = 10
START_S = 240
RUN_S = 120
LOOK_EVERY_S = 0.02
#: One for all looks: to make a client takes twice as long as the pause between two.
_CLIENT: Final = httpx.Client(trust_env=False, headers={"Connection": "close"})

#: What a person types who follows Prefect's guide: a process pool, `.deploy` with nothing else, `worker start`.
DEPLOY_DEFAULT = f"""
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.workers.process import ProcessWorker
with get_client(sync_client=True) as client:
    template = ProcessWorker.get_default_base_job_template()
    client.create_work_pool(WorkPoolCreate(name="{POOL}", type="process", base_job_template=template))
flow.from_source(source={str(PROJECT)!r}, entrypoint="flows/hello_world.py:hello_world").deploy(
    name="{DEFAULTS}", work_pool_name="{POOL}", build=False, push=False, print_next_steps=False,
)
"""


@dataclass(frozen=True)
class Click:
    """Seconds from a click to Running and to Completed: by the server's time stamps, and as the caller saw them."""

    running: float
    completed: float
    seen_running: float
    seen_completed: float


def run(*, quick: bool) -> Result:
    """Click 20 times on each, 3 times if `quick`; a first click on each is thrown away."""
    clicks = 3 if quick else 20
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as api, default_worker(api, Path(folder)):
        deployments = {OURS: _deployment(api, CASE), DEFAULTS: _deployment(api, DEFAULTS)}
        measured: dict[str, list[Click]] = {name: [] for name in deployments}
        for number in range(clicks + 1):
            for name, deployment in deployments.items():
                time.sleep(random.uniform(0, DEFAULT_POLL_S))
                one = click(api, deployment)
                told = "thrown away" if number == 0 else f"click {number}"
                print(f"{name:<18}{told:<14}{one.running:6.2f} s  {one.completed:6.2f} s", file=sys.stderr)
                measured[name] += [one] if number else []
    return report(clicks, measured)


def report(clicks: int, measured: Mapping[str, Sequence[Click]]) -> Result:
    """Medians; `s` is that of Running, by the server's time stamps."""
    ours, default = (_medians(measured[name]) for name in (OURS, DEFAULTS))
    ratio = round(default["s"] / ours["s"], 2)
    share = round(ours["s"] / default["s"], 2)
    case = {"case": CASE, "ours": ours, "peers": {DEFAULTS: default}, "ratio": {DEFAULTS: ratio}}
    goals = [
        Goal("median → Running at most a third of the default's", share, share <= 1 / 3),
        Goal("median → Running under 3 s", ours["s"], ours["s"] < 3),
    ]
    return Result("latency", clicks, [case], goals)


def _medians(clicks: Sequence[Click]) -> dict[str, float]:
    def median(name: str) -> float:
        return round(statistics.median(getattr(click, name) for click in clicks), 2)

    return {
        "s": median("running"),
        "worst_s": round(max(click.running for click in clicks), 2),
        "completed_s": median("completed"),
        "seen_running_s": median("seen_running"),
        "seen_completed_s": median("seen_completed"),
    }


def click(api: str, deployment: str) -> Click:
    """Create a run, and follow it until it has completed."""
    clicked, began = time.time(), time.perf_counter()
    body = {"state": {"type": "SCHEDULED"}, "idempotency_key": str(uuid4())}
    run_id = _ask("POST", f"{api}/deployments/{deployment}/create_flow_run", body)["id"]
    seen: dict[str, float] = {}
    while "COMPLETED" not in seen:
        state = _ask("GET", f"{api}/flow_runs/{run_id}")["state_type"]
        seen.setdefault(state, time.perf_counter() - began)
        if state in {"FAILED", "CRASHED", "CANCELLED"} or time.perf_counter() - began > RUN_S:
            raise RuntimeError(f"the run ended or stayed {state}")
        time.sleep(LOOK_EVERY_S)
    states = _ask("GET", f"{api}/flow_run_states/?flow_run_id={run_id}")
    stamped = {state["type"]: datetime.fromisoformat(state["timestamp"]).timestamp() - clicked for state in states}
    # A run this short may go from Running to Completed between two looks.
    seen_running = seen.get("RUNNING", seen["COMPLETED"])
    return Click(stamped["RUNNING"], stamped["COMPLETED"], seen_running, seen["COMPLETED"])


def _ask(method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
    """Ask Prefect's server, again for as long as it says that its database is busy."""
    while (answer := _CLIENT.request(method, url, json=body)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        time.sleep(LOOK_EVERY_S)
    return answer.raise_for_status().json()


def _deployment(api: str, name: str) -> str:
    return str(_ask("GET", f"{api}/deployments/name/hello-world/{name}")["id"])


@contextmanager
def stack(folder: Path) -> Iterator[str]:
    """The stack in a home of its own, as `up` starts it; yields the address of Prefect's API."""
    home = folder / "home"
    options = ["--no-browser", "--no-first-backup", "--demo-fields", "20"]
    with _process([sys.executable, "-m", "app.cli", "up", "--home", str(home), *options], folder / "up.log"):
        state = home / "data" / "stack.json"
        _wait_until(lambda: state.exists() and json.loads(state.read_text())["ready"])
        yield str(json.loads(state.read_text())["prefect_api"])


@contextmanager
def default_worker(api: str, folder: Path) -> Iterator[None]:
    """A pool of its own with a worker and a deployment as Prefect's guide makes them."""
    settings = {"PREFECT_API_URL": api, "PREFECT_HOME": str(folder / "prefect")}
    deploy = [sys.executable, "-c", DEPLOY_DEFAULT]
    subprocess.run(deploy, env=_environment(settings), stdout=subprocess.DEVNULL, check=True)
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
    with _process(worker, folder / "worker.log", settings):
        workers = f"{api}/work_pools/{POOL}/workers/filter"
        _wait_until(lambda: any(worker["status"] == "ONLINE" for worker in _ask("POST", workers, {})))
        yield


@contextmanager
def _process(command: Sequence[str], log: Path, settings: Mapping[str, str] | None = None) -> Iterator[None]:
    # Started in the background of a shell, this process ignores SIGINT, and so would all that it starts.
    prepared = [sys.executable, "-m", "app.stack.child", str(os.getpid()), *command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            prepared,
            cwd=PROJECT,
            env=_environment(settings or {}),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This machine's environment without settings of Prefect or ours; `python` is this interpreter for both."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TRANQUERA_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return kept | {"PATH": path, "PYTHONPATH": str(PROJECT)} | settings


def _wait_until(condition: Any) -> None:
    deadline = time.monotonic() + START_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the stack or the worker did not start")
        time.sleep(0.2)
