"""Runs of `slow_flow` on the shared stack: started, watched and stopped as the server and the machine see them."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil

from tests.conftest import PROJECT, clean_environment
from tests.prefect_server import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Stack

_DEPLOY = """
from flows.deployments import DeploymentSpec, deploy
deploy(DeploymentSpec(name="slow", flow="{flow}", entrypoint="tests/stack/{entrypoint}"))
"""


class SlowRun:
    """One run. Its processes: the `client` that the worker started, and the `engine` with its `keeper`."""

    def __init__(self, server: SlowServer, run_id: str, pid_file: Path) -> None:
        self._server = server
        self.id = run_id
        self._pid_file = pid_file

    @property
    def told(self) -> dict[str, Any]:
        """The run as the server tells of it."""
        run: dict[str, Any] = self._server.get(f"/flow_runs/{self.id}")
        return run

    @property
    def state(self) -> str:
        return str(self.told["state_type"])

    def wait_for(self, state: str, seconds: float) -> None:
        reached = wait_until(lambda: self.state == state, seconds)
        assert reached, f"{self.state} and not {state} after {seconds} s"

    def wait_until_under_way(self) -> None:
        self.wait_for("RUNNING", 40)
        assert wait_until(lambda: self._pid_file.exists() and bool(self._pid_file.read_text()), 40)

    @property
    def engine(self) -> psutil.Process:
        return psutil.Process(int(self._pid_file.read_text()))

    @property
    def keeper(self) -> psutil.Process:
        return psutil.Process(self.engine.ppid())

    @property
    def client(self) -> psutil.Process:
        (client,) = self._server.clients_of(self.id)
        return client

    def processes(self) -> list[psutil.Process]:
        return [self.client, self.keeper, self.engine]


class SlowServer:
    """The deployment of `slow_flow`, or of another flow with its parameters, on a stack."""

    def __init__(self, stack: Stack, flow: str = "slow", entrypoint: str = "slow_flow.py:slow") -> None:
        self.stack = stack
        environment = clean_environment(
            PREFECT_API_URL=stack.prefect_api, PREFECT_HOME=str(stack.home / "data" / "prefect")
        )
        script = _DEPLOY.format(flow=flow, entrypoint=entrypoint)
        subprocess.run([sys.executable, "-c", script], cwd=PROJECT, env=environment, check=True, timeout=120)
        self._deployment = self.get(f"/deployments/name/{flow}/slow")["id"]
        self._runs: list[str] = []

    def get(self, path: str) -> Any:
        return ask(self.stack.prefect_api, "GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return ask(self.stack.prefect_api, "POST", path, body)

    def start(self, folder: Path, seconds: float = 120) -> SlowRun:
        pid_file = folder / "pid"
        parameters = {"seconds": seconds, "pid_file": str(pid_file)}
        created = self.post(
            f"/deployments/{self._deployment}/create_flow_run",
            {"parameters": parameters, "idempotency_key": str(uuid4())},
        )
        self._runs.append(created["id"])
        return SlowRun(self, created["id"], pid_file)

    def clients_of(self, run_id: str) -> list[psutil.Process]:
        worker = self.part("prefect-worker")
        return [child for child in worker.children() if _run_of(child) == run_id]

    def part(self, name: str) -> psutil.Process:
        return psutil.Process(next(part["pid"] for part in self.stack.state()["parts"] if part["name"] == name))

    def is_whole(self) -> bool:
        return all(part["healthy"] for part in self.stack.state()["parts"])

    def clear(self) -> None:
        """Take the deployment and its runs off the stack, which other tests share."""
        for run_id in self._runs:
            ask(self.stack.prefect_api, "DELETE", f"/flow_runs/{run_id}")
        ask(self.stack.prefect_api, "DELETE", f"/deployments/{self._deployment}")


def _run_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("PREFECT__FLOW_RUN_ID")
    except psutil.Error:  # it is ending
        return None


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until `condition` holds; False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def all_gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    """Tell whether all of `processes` end within `seconds`."""
    return not psutil.wait_procs(processes, timeout=seconds)[1]
