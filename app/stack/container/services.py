"""What each service of the composed stack runs. Their settings stand in docker-compose.yml, where people look."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.stack import parts
from modules import engine_socket
from modules.settings import PROJECT

#: Inside a container a part has to listen on every address; where the host publishes it says the compose file.
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104

SERVER_PORT: Final = 4200
DASHBOARD_PORT: Final = 8501
PORTAL_PORT: Final = 8600


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its command, what it runs beside it, and what its environment has in addition.

    `helper` is started again when it dies; the container ends with `command`.
    """

    name: str
    command: Sequence[str]
    helper: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def prefect_server() -> Service:
    """Prefect's API and its pages, without the background services, so that there can be several."""
    command = parts.server_command(EVERYWHERE, SERVER_PORT)
    return Service("prefect-server", command, environment={"PREFECT__SERVER_WEBSERVER_ONLY": "1"})


def prefect_services() -> Service:
    """Prefect's background services: schedules, late runs, automations, clearing away."""
    return Service("prefect-services", [sys.executable, "-m", "prefect", "server", "services", "start"])


def prefect_worker(slot: int) -> Service:
    """A worker of the pool and, beside it, the warm engine that its runs are forks of."""
    name = f"{os.environ.get('WORKER_NAME') or 'prefect-worker'}-{slot}"
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("TRANQUERA_MODULE_PATHS")])])
    helper = parts.engine_command() if engine_socket.SUPPORTED else None
    return Service("prefect-worker", [*parts.worker_command(), "--name", name], helper, {"PYTHONPATH": path})


def dashboard() -> Service:
    """The dashboard."""
    return Service("dashboard", parts.dashboard_command(EVERYWHERE, DASHBOARD_PORT))


def portal() -> Service:
    """Invented fields while no portal is configured; with one there is nothing to do."""
    if portal_is_configured():
        return Service("portal", ["sleep", "infinity"])
    listen = ["--host", "portal", "--port", str(PORTAL_PORT)]
    return Service("portal", [sys.executable, "-m", "app.cli", "portal", *listen])


def portal_is_configured() -> bool:
    """Tell whether a real portal is configured."""
    return bool(os.environ.get("TRANQUERA_PORTAL__URL"))


def deploy() -> Service:
    """The one-shot that makes pool, limits, automation and deployments what the table says."""
    return Service("deploy", parts.deploy_command())
