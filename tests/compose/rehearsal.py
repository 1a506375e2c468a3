"""The composed stack on a real engine: a fresh clone of its own, with a project name and ports of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from modules.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
#: Dropped into the mounted `flows/`: what is edited there needs no new image.
_SLOW = """
import time
from contextlib import nullcontext
from flows.exclusive import one_at_a_time
from modules.environments import Environment
from prefect import flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

@flow(name="slow")
def slow(seconds: int, turn_after: int | None = None) -> None:
    time.sleep(turn_after or 0)
    turn = nullcontext() if turn_after is None else one_at_a_time("slow", Environment.TEST, flow_run.id)
    with turn:
        for second in range(seconds):
            get_run_logger().info("second %d", second)
            time.sleep(1)
"""
_DEPLOY_SLOW = """
from flows.deployments import DeploymentSpec, deploy
deploy(DeploymentSpec(name="slow", flow="slow", entrypoint="flows/slow_for_faults.py:slow", exclusive=True))
"""


#: What the images of the stack are built from, or are. Compose reads the same POSTGRES_TAG.
_BASES = (f"postgres:{os.environ.get('POSTGRES_TAG') or '14'}", "redis:7", "python:3.13-slim-bookworm")


def why_not(wanted: Sequence[str] = _BASES) -> str:
    """Say why nothing can be rehearsed here, with `wanted` images; empty when it can."""
    if shutil.which("docker") is None:
        return "no docker on this machine"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "no Docker engine runs"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return "docker has no compose plugin"
    missing = [
        image
        for image in wanted
        if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode
    ]
    return f"no image {', '.join(missing)} on this machine" if missing else ""


class Composed:
    """A stack in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        said = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if "=" in line)
        self.project = said["COMPOSE_PROJECT_NAME"]
        self.dashboard = f"http://127.0.0.1:{said['DASHBOARD_PUBLISHED_PORT']}"
        self.prefect = f"http://127.0.0.1:{said['PREFECT_PUBLISHED_PORT']}/api"
        self._auth: httpx.BasicAuth | None = None
        if account := said.get("PREFECT_AUTH_STRING"):
            self.log_in(account)

    def log_in(self, account: str) -> None:
        """Ask Prefect's API as `user:password` from now on."""
        user, _colon, password = account.partition(":")
        self._auth = httpx.BasicAuth(user, password)

    def compose(self, *words: str, check: bool = True, timeout: float = 900) -> str:
        """Run `docker compose …`; its output, both kinds."""
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=self.folder,
            env={**os.environ, "DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"docker compose {' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def up(self, *options: str) -> float:
        """Start all and wait until all are healthy; returns the seconds it took."""
        began = time.monotonic()
        self.compose("up", "-d", "--wait", "--pull", "never", *options)
        return time.monotonic() - began

    def health(self) -> dict[str, str]:
        """Tell the health of each service that runs (or its state, where it has none)."""
        lines = self.compose("ps", "-a", "--format", "json").splitlines()
        return {part["Service"]: part["Health"] or part["State"] for part in map(json.loads, lines)}

    def ask(self, method: str, path: str, body: Any = None, *, patience_s: float = 60) -> Any:
        """Ask Prefect's API, again while it does not answer well; None for an answer of nothing."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                answer = httpx.request(
                    method, self.prefect + path, json=body, auth=self._auth, timeout=20, trust_env=False
                )
                if answer.status_code < 500:
                    return answer.raise_for_status().json() if answer.content else None
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path}: no answer within {patience_s} s")
            time.sleep(1)

    def change(self, path: str, body: Any) -> None:
        """Change something through Prefect's API, which answers with nothing."""
        answer = httpx.patch(self.prefect + path, json=body, auth=self._auth, timeout=20, trust_env=False)
        answer.raise_for_status()

    def deploy_slow(self) -> None:
        """Add a flow that takes as long as it is told and, where it is told when, its turn like a backup."""
        (self.folder / "flows" / "slow_for_faults.py").write_text(_SLOW)
        self.compose("exec", "-T", "prefect-worker", "python", "-c", _DEPLOY_SLOW)

    def start(self, deployment: str, parameters: dict[str, Any]) -> str:
        """Start a run of `flow/deployment`; returns its id."""
        found = self.ask("GET", f"/deployments/name/{deployment}")
        body = {"parameters": parameters, "idempotency_key": str(uuid4())}
        return str(self.ask("POST", f"/deployments/{found['id']}/create_flow_run", body)["id"])

    def state(self, run_id: str, *, patience_s: float = 60) -> str:
        return str(self.ask("GET", f"/flow_runs/{run_id}", patience_s=patience_s)["state_type"])

    def ended(self, run_id: str) -> datetime | None:
        """Tell when a run ended, by its own or the server's clock, which is this machine's."""
        told = self.ask("GET", f"/flow_runs/{run_id}")["end_time"]
        return datetime.fromisoformat(told) if told else None

    def log_lines(self, run_id: str) -> int:
        query = {"logs": {"flow_run_id": {"any_": [run_id]}}, "limit": 200}
        return sum(line["message"].startswith("second ") for line in self.ask("POST", "/logs/filter", query))

    def wait_lines(self, run_id: str, wanted: int, seconds: float = 10) -> int:
        """Give the lines of an ended run's log once they are there: the last ones come after its state."""
        wait_until(lambda: self.log_lines(run_id) >= wanted, seconds)
        return self.log_lines(run_id)

    def wait_running(self, run_id: str, seconds: float = 120) -> None:
        assert wait_until(lambda: self.state(run_id) == "RUNNING", seconds), f"still {self.state(run_id)}"

    def wait_ended(self, run_id: str, seconds: float) -> str:
        wait_until(lambda: self.state(run_id) in ENDED, seconds)
        return self.state(run_id)


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Ask until it is true; False when it is not after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.5)
    return true()


@contextmanager
def fresh_clone(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Composed]:
    """Clone what is committed into `folder`, with a name and ports of its own; take the stack down at the end.

    `more` goes into its `.env`.
    """
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(folder)], check=True)
    project = f"tranquera-rehearsal-{uuid4().hex[:6]}"
    settings = {
        "COMPOSE_PROJECT_NAME": project,
        "DASHBOARD_PUBLISHED_PORT": _free_port(),
        "PREFECT_PUBLISHED_PORT": _free_port(),
        "IMAGE": "tranquera:rehearsal",
        **(more or {}),
    }
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    stack = Composed(folder)
    try:
        yield stack
    finally:
        stack.compose("down", "--timeout", "10", check=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
