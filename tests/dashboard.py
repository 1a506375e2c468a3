"""A dashboard of its own for tests: the real web server on a free port, without a stack behind it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from modules.settings import PROJECT

START_S = 60


@dataclass(frozen=True)
class Dashboard:
    port: int
    home: Path
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def open(self, method: str, path: str, headers: dict[str, str] | None = None) -> Iterator[HTTPResponse]:
        """Send a request exactly as written: no path is tidied up, no header is added that was given."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self.host, "Connection": "close", **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders()
            with connection.getresponse() as answer:
                yield answer

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> "Answer":
        with self.open(method, path, headers) as answer:
            body = b"" if answer.status == 101 else answer.read()
            return Answer(answer.status, answer.headers, body)

    def get(self, path: str, **headers: str) -> "Answer":
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_dashboard(
    home: Path, prefect_api: str | None = None, *, script: str = "app/server.py"
) -> Iterator[Dashboard]:
    """Run the dashboard for `home`; without `prefect_api` nothing answers where Prefect's server should be.

    script: another page of Streamlit's, to compare with
    """
    port = free_port()
    environment = os.environ | {
        "TRANQUERA_HOME": str(home),
        "PREFECT_API_URL": prefect_api or f"http://127.0.0.1:{free_port()}/api",
        "PREFECT_HOME": str(home / "data" / "prefect"),
    }
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with (home / "dashboard.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        dashboard = Dashboard(port, home, process.pid)
        _wait_for(dashboard, process)
        yield dashboard
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(dashboard: Dashboard, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (dashboard.home / "dashboard.log").read_text()
        try:
            if dashboard.get("/_stcore/health").status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError((dashboard.home / "dashboard.log").read_text())
