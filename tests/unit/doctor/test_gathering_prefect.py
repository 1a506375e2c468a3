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
from app.stack import prefect_api
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


@pytest.mark.parametrize("status", [401, 422, 502])
def test_an_event_that_is_refused_for_another_reason_says_nothing_of_messages(status: int):
    with answering(lambda path: status if path == "/events" else 200) as address:
        assert taken(address) is None


@pytest.mark.parametrize(
    ("health", "accepted"),
    [("quick", False), ("slow", None), ("gone", None), ("failing", None)],
)
def test_silence_over_an_event_is_of_messages_only_where_the_server_answers_all_else_at_once(
    monkeypatch: pytest.MonkeyPatch, health: str, accepted: bool | None
):
    monkeypatch.setattr(prefect_api, "_TIMEOUT_S", 1.0)
    monkeypatch.setattr(prefect, "_AT_ONCE_S", 0.6)
    asked: list[str] = []

    def status(path: str) -> int:
        asked.append(path)
        if path == "/events":
            time.sleep(1.4)
        elif len(asked) > 1:  # the event was sent meanwhile
            time.sleep({"slow": 0.8, "gone": 1.4}.get(health, 0))
            return 500 if health == "failing" else 200
        return 200

    with answering(status) as address:
        assert taken(address) is accepted


def taken(address: str) -> bool | None:
    """Whether the server took an event; None where it was the server's own trouble."""
    try:
        return prefect.send_event(Api(address)).accepted
    except ApiTrouble:
        return None


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
