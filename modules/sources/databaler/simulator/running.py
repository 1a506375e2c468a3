"""The simulator as a running server: for the command line, and on a free port in a thread for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.settings import PortalSettings
from modules.sources.databaler.simulator.app import build_app
from modules.sources.databaler.simulator.dataset import Dataset
from modules.sources.databaler.simulator.faults import Faults, parse_fault
from modules.sources.databaler.simulator.generator import Pampas, known_seasons
from modules.sources.databaler.simulator.ground import Amounts
from modules.sources.databaler.simulator.journal import Journal
from modules.sources.databaler.simulator.tokens import DEMO_CLIENT, DEMO_SECRET

_START_S: Final = 10.0
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """What to serve, and how.

    amounts:   how many made-up fields; files: serve these instead, `columns` maps our names to theirs
    seasons:   those that files are served for; empty: from 24/25 to the present one
    latency_s: pause before each page of a layer, s; faults: as `name=value`
    """

    amounts: Amounts = field(default_factory=Amounts)
    files: tuple[Path, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    latency_s: float = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningPortal:
    """A simulator that serves. `journal` tells what was asked of it, `faults` change what it does next."""

    url: str
    faults: Faults
    journal: Journal

    def settings(self, **changes: Any) -> PortalSettings:
        """Settings of a client that gets in; waits are short unless `changes` say otherwise."""
        usual: dict[str, Any] = {
            "url": self.url,
            "client_id": DEMO_CLIENT,
            "client_secret": SecretStr(DEMO_SECRET),
            "backoff_s": 0.01,
            "wait_cap_s": 1.0,
        }
        return PortalSettings(**{**usual, **changes})


def serve(
    options: SimulatorOptions,
    port: int,
    *,
    ready: Callable[[str], None],
    address: str = _LOOPBACK,
    hosts: Sequence[str] = (),
) -> None:
    """Serve until the process is told to stop; `ready` gets the address. Port 0 takes a free one.

    hosts: names under which it answers, beside this machine's own

    Raises RequestError for files that cannot be served and for unknown faults.
    """
    faults = Faults()
    for text in options.faults:
        faults.set(*parse_fault(text))
    dataset = _dataset(options)
    # The season that everybody asks for is encoded before the first request waits for it.
    for layer in Layer:
        dataset.features(layer, dataset.seasons[0])
    app = build_app(dataset, faults, Journal(), latency_s=options.latency_s, hosts=hosts)
    with _listening(port, address) as listener:
        server = _server(app, lambda: ready(_address(listener)))
        server.run(sockets=[listener])


@contextmanager
def running_portal(
    dataset: Dataset | None = None, *, fields: int = 60, seed: int = 1, latency_s: float = 0
) -> Iterator[RunningPortal]:
    """Serve in a thread on a free port of 127.0.0.1 as long as the block runs."""
    faults, journal = Faults(), Journal()
    app = build_app(dataset or Pampas(Amounts(fields=fields, seed=seed)), faults, journal, latency_s=latency_s)
    started = threading.Event()
    with _listening(0) as listener:
        server = _server(app, started.set)
        thread = threading.Thread(target=server.run, args=([listener],), name="portal-simulator", daemon=True)
        thread.start()
        if not started.wait(_START_S):
            raise TimeoutError("the portal simulator did not start")
        try:
            yield RunningPortal(_address(listener), faults, journal)
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(_START_S)


def _dataset(options: SimulatorOptions) -> Dataset:
    if not options.files:
        return Pampas(options.amounts)
    from modules.sources.databaler.simulator.files import FileDataset

    return FileDataset(options.files, options.columns, options.seasons or known_seasons())


class _Announced(uvicorn.Server):
    """A server that says when it accepts requests."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.announce()


def _server(app: FastAPI, announce: Callable[[], None]) -> _Announced:
    # Faults end connections on purpose; uvicorn would log each as an error.
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1, lifespan="off")
    server = _Announced(config)
    server.announce = announce
    return server


def _listening(port: int, address: str = _LOOPBACK) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{listener.getsockname()[0]}:{listener.getsockname()[1]}"
