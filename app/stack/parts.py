"""The parts of the embedded stack: their commands, their environment, and how to tell that they are ready."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from app.stack import probes
from app.stack.ports import LOOPBACK, choose, wanted
from modules.errors import SettingsError
from modules.i18n import N_
from modules.run_protocol import WORK_POOL
from modules.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.stack.options import UpOptions
    from modules.settings import Settings

_USUAL_DASHBOARD_PORT = 8501
_USUAL_PREFECT_PORT = 4200
_USUAL_PORTAL_PORT = 8600

#: Prefect's defaults are made for hundreds of machines. On one, asking each second spares every click up to
#: nine seconds of waiting. Twice a second kept a server that nobody uses at 15 % of a core all day, this at 10 %; more
#: often than twice a second made SQLite answer 503.
_WORKER_QUERY_SECONDS = "1"
#: A worker that missed three is gone. With Prefect's 30 a page would say for a minute and a half that it answers.
_WORKER_HEARTBEAT_SECONDS = "10"

_WHOLE_DAYS = re.compile("0*[1-9][0-9]{0,4}")
#: As docker-compose.yml has it.
_DAYS = {"HISTORY_DAYS": "90", "EVENTS_DAYS": "14"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts listen. `simulator_port` is None when a real portal is configured."""

    dashboard_port: int
    prefect_port: int
    portal: str
    simulator_port: int | None

    @classmethod
    def choose(cls, options: UpOptions, settings: Settings) -> Addresses:
        """Choose ports; raises StackError when one that was asked for cannot be had."""
        taken = wanted(options.port, options.prefect_port)  # first: a usual one gives way to them
        dashboard = options.port or choose(_USUAL_DASHBOARD_PORT, taken)
        prefect = options.prefect_port or choose(_USUAL_PREFECT_PORT, taken)
        portal = None if options.data else options.portal or settings.portal.url
        if portal:
            return cls(dashboard, prefect, portal, None)
        simulator = choose(_USUAL_PORTAL_PORT, taken)
        return cls(dashboard, prefect, f"http://{LOOPBACK}:{simulator}", simulator)

    @property
    def dashboard(self) -> str:
        """The address for the browser."""
        return f"http://{LOOPBACK}:{self.dashboard_port}"

    @property
    def prefect_api(self) -> str:
        """The address of Prefect's API."""
        return f"http://{LOOPBACK}:{self.prefect_port}/api"


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its name for people, its command, and how to ask whether it is ready."""

    name: str
    title: str
    command: Sequence[str]
    ready: Callable[[], bool]


def environment(home: Path, addresses: Addresses, settings: Settings) -> dict[str, str]:
    """Make the environment that all parts share.

    A person's own Prefect profile or variables would lead the parts to another server: none are inherited.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    prefect_home = home / "data" / "prefect"
    return inherited | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, [settings.module_paths])]),
        "PYTHONUNBUFFERED": "1",
        "TRANQUERA_HOME": str(home),
        **_portal_environment(addresses),
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_API_URL": addresses.prefect_api,
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{(prefect_home / 'prefect.db').as_posix()}",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # A lease kept in memory is lost with the server, and the slot it held would stay taken for ever.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # By default Prefect lets pages of any origin call its API from the operator's browser.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": addresses.prefect_api.removesuffix("/api"),
        **_history(home),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "tranquera",
        "PREFECT_WORKER_ENABLE_CANCELLATION": "true",
        "PREFECT_WORKER_HEARTBEAT_SECONDS": _WORKER_HEARTBEAT_SECONDS,
        "PREFECT_WORKER_QUERY_SECONDS": _WORKER_QUERY_SECONDS,
        "DO_NOT_TRACK": "1",
    }


def _history(home: Path) -> dict[str, str]:
    """Say for how long runs with their logs, and events, are kept: as the home's `.env` has it for Docker too.

    Raises SettingsError for what is no number of days: runs would be gone that somebody meant to keep.
    """
    file = home / ".env"
    said = dotenv_values(file) if file.is_file() else {}
    days = {name: said.get(name) or usual for name, usual in _DAYS.items()}
    for name, given in days.items():
        if not _WHOLE_DAYS.fullmatch(given):
            raise SettingsError(
                N_("{name} has to be a whole number of days, 1 to 99999. Nothing was started. Correct it in {file}."),
                name=name,
                file=str(file),
            )
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": f"P{days['HISTORY_DAYS']}D",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{days['EVENTS_DAYS']}D",
    }


def _portal_environment(addresses: Addresses) -> dict[str, str]:
    name = "TRANQUERA_PORTAL__URL" if addresses.simulator_port is None else "TRANQUERA_DEMO_PORTAL"
    return {name: addresses.portal}


def simulator(options: UpOptions, addresses: Addresses) -> Part:
    """The portal simulator: demo fields, or the files that were given."""
    data = [argument for path in options.data for argument in ("--data", str(path.resolve()))]
    invented = [] if data else ["--fields", str(options.demo_fields), "--seed", str(options.seed)]
    port = str(addresses.simulator_port)
    return Part(
        "portal",
        N_("demo portal"),
        [sys.executable, "-m", "app.cli", "portal", "--port", port, *invented, *data],
        partial(probes.answers, f"{addresses.portal}/openapi.json"),
    )


def server_command(address: str, port: int) -> list[str]:
    """Prefect's server behind our guard, listening on `address`."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.stack.prefect_server:create_app"]
    return [*command, "--host", address, "--port", str(port), "--timeout-keep-alive", "5", "--log-level", "warning"]


def worker_command() -> list[str]:
    """A worker of the pool."""
    return [sys.executable, "-m", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process"]


def engine_command() -> list[str]:
    """The warm engine that runs are forks of."""
    return [sys.executable, "-m", "flows.warm_engine.server"]


def dashboard_command(address: str, port: int) -> list[str]:
    """The dashboard, listening on `address`."""
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "app" / "server.py")]
    return [*command, "--server.address", address, "--server.port", str(port), "--server.headless", "true"]


def prefect_server(addresses: Addresses) -> Part:
    """Prefect's server."""
    return Part(
        "prefect-server",
        N_("Prefect's server"),
        server_command(LOOPBACK, addresses.prefect_port),
        partial(probes.answers, f"{addresses.prefect_api}/ready"),
    )


def prefect_worker(addresses: Addresses) -> Part:
    """The worker of the pool."""
    return Part(
        "prefect-worker",
        N_("worker"),
        worker_command(),
        partial(probes.worker_is_online, addresses.prefect_api, WORK_POOL),
    )


def warm_engine(home: Path) -> Part:
    """Prefect, imported once: a run is a fork of it instead of two seconds of importing."""
    return Part(
        "prefect-engine",
        N_("flow engine"),
        engine_command(),
        partial(probes.engine_listens, home),
    )


def dashboard(addresses: Addresses) -> Part:
    """The dashboard."""
    return Part(
        "dashboard",
        N_("dashboard"),
        dashboard_command(LOOPBACK, addresses.dashboard_port),
        partial(probes.answers, f"{addresses.dashboard}/_stcore/health"),
    )


def deploy_command() -> list[str]:
    """The one-shot that makes pool, limits, automation and deployments what the table says."""
    return [sys.executable, "-m", "flows.deployments"]
