"""What a server that is not in order tells, over real sockets. One that is: tests/stack/test_doctor.py."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.doctor.gathering import prefect
from app.services.passwords import note_password
from app.stack.prefect_api import Api, ApiTrouble, Trouble
from modules.run_protocol import WORK_POOL
from modules.settings import KNOWN_PASSWORD
from tests.conftest import run_command

CANARY = "canary-7f3a"


@contextmanager
def answering(status: Callable[[str], int], body: object = None) -> Iterator[str]:
    """Serve `body` with the status that `status(path)` says; gives the address of the API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status(self.path.removeprefix("/api")))
            content = json.dumps(body).encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  (the name that http.server looks for)

        def log_message(self, *words: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_server_without_its_database_is_there_and_not_ready():
    with answering(lambda path: 503 if path == "/ready" else 200, "3.9.1") as address:
        seen = prefect.ask_server(Api(address))
    assert (seen.ready, seen.refused, seen.version) == (False, False, "3.9.1")
    assert seen.ahead_s == pytest.approx(0, abs=5)


def test_a_server_that_wants_another_password_says_so():
    with answering(lambda path: 200 if path in {"/health", "/ready"} else 401) as address:
        api = Api(address, f"x:{CANARY}")
        assert prefect.ask_server(api).refused
        with pytest.raises(ApiTrouble) as trouble:
            prefect.ask_workers(api)
    assert trouble.value.trouble is Trouble.REFUSED
    assert CANARY not in str(trouble.value)


def test_a_server_that_cannot_hand_over_messages_takes_no_event():
    with answering(lambda path: 500 if path == "/events" else 200) as address:
        assert prefect.send_event(Api(address)).accepted is False


def test_an_event_that_is_never_stored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prefect, "MESSAGES_WAIT_S", 0.8)
    with answering(lambda _path: 200, {"events": []}) as address:
        seen = prefect.send_event(Api(address))
    assert (seen.accepted, seen.stored_after_s) == (True, None)


def test_a_pool_that_is_not_there_is_none():
    with answering(lambda path: 404 if WORK_POOL in path else 200) as address:
        assert prefect.ask_pool(Api(address)) is None


def test_a_busy_database_is_asked_again():
    said = iter([503, 503])
    with answering(lambda _path: next(said, 200), []) as address:
        assert prefect.ask_workers(Api(address)) == []


def test_a_server_that_takes_connections_and_says_nothing_holds_nobody_up(tmp_path):
    """The whole command, as a container of the composed stack would run it; and no secret is in what it says."""
    (tmp_path / "data").mkdir()
    note_password(tmp_path, KNOWN_PASSWORD, in_file=False)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        ended = run_command(
            "doctor",
            "--json",
            timeout=60,
            TRANQUERA_HOME=str(tmp_path),
            TRANQUERA_LANGUAGE="en",
            TRANQUERA_PUBLISHED_ON="127.0.0.1",
            TRANQUERA_PORTAL__URL=address,
            TRANQUERA_PORTAL__TOKEN=CANARY,
            PREFECT_API_URL=f"{address}/api",
            PREFECT_API_AUTH_STRING=f"user:{CANARY}",
        )
    assert time.monotonic() - began < 30
    told = json.loads(ended.stdout)
    states = {part["part"]: part["state"] for part in told["parts"]}
    assert (ended.returncode, told["state"], told["installation"]) == (2, "error", "composed")
    assert states["server"] == states["portal"] == "error"
    assert states["workers"] == states["pool"] == states["deployments"] == states["redis"] == "unknown"
    assert states["passwords"] == "warning"
    assert CANARY not in ended.stdout + ended.stderr
    assert ended.stderr == ""
