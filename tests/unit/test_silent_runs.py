"""Runs that say nothing: ended when a living one would have been heard, and only then."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from app.stack import caretaker
from app.stack.caretaker import Caretaker
from app.stack.silent_runs import end_silent

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RUN = "6c1f9a52-7a33-4f0e-9c55-3f1f0f0a1b2c"
OURS = "tranquera.server"


T = TypeVar("T")


class Server(ThreadingHTTPServer):
    """As much of Prefect's API as is asked: runs that run, and events that are stored unless they get lost."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.running: list[dict[str, Any]] = []
        self.events: list[tuple[str, datetime]] = []
        self.loses_events = False
        self.ended: dict[str, dict[str, Any]] = {}

    def answer(self, path: str, asked: Any) -> Any:
        if path == "/api/flow_runs/filter":
            assert asked["flow_runs"]["state"]["type"]["any_"] == ["RUNNING", "CANCELLING"]
            return self.running
        if path == "/api/events/filter":
            since, until = (datetime.fromisoformat(asked["filter"]["occurred"][name]) for name in ("since", "until"))
            [resource] = asked["filter"]["resource"]["id"]
            return {"events": [{} for name, when in self.events if name == resource and since <= when <= until]}
        if path == "/api/events":
            if not self.loses_events:
                self.events += [
                    (each["resource"]["prefect.resource.id"], datetime.fromisoformat(each["occurred"]))
                    for each in asked
                ]
            return None
        run_id = path.removeprefix("/api/flow_runs/").removesuffix("/set_state")
        self.ended[run_id] = asked["state"]
        self.running = [run for run in self.running if run["id"] != run_id]
        return {}


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.server.answer(self.path, asked)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def in_a_loop_of_its_own(work: Coroutine[Any, Any, T]) -> T:
    """Run it in another thread: a browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()


def look(server: Server, after_s: float = 0) -> int:
    async def asked() -> int:
        address = f"http://127.0.0.1:{server.server_address[1]}/api"
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            return await end_silent(client, NOW + timedelta(seconds=after_s))

    return in_a_loop_of_its_own(asked())


def run_since(seconds: float, *, deployment: str | None = "nightly", state: str = "RUNNING") -> dict[str, Any]:
    began = (NOW - timedelta(seconds=seconds)).isoformat()
    return {"id": RUN, "deployment_id": deployment, "state": {"type": state, "timestamp": began}}


def heard(server: Server, seconds_ago: float) -> None:
    server.events.append((f"prefect.flow-run.{RUN}", NOW - timedelta(seconds=seconds_ago)))


def test_a_run_that_is_heard_goes_on_and_nothing_is_sent(server: Server):
    server.running = [run_since(3600)]
    heard(server, 20)
    assert look(server) == 0
    assert (server.ended, len(server.events)) == ({}, 1)


def test_a_silent_run_is_ended_once_an_event_of_ours_has_got_through(server: Server):
    server.running = [run_since(3600)]
    heard(server, 300)
    assert look(server) == 0, "nothing shows yet that a sign of life would have been stored"
    assert [name for name, _when in server.events].count(OURS) == 1
    assert look(server, 15) == 0, "the event of ours is younger than a heartbeat's pause"
    assert look(server, 60) == 1
    assert (server.ended[RUN]["type"], server.running) == ("CRASHED", [])


def test_one_that_was_cancelled_when_its_process_was_gone_is_cancelled(server: Server):
    server.running = [run_since(90, state="CANCELLING")]
    assert look(server) == 0
    assert look(server, 60) == 1
    assert (server.ended[RUN]["type"], server.running) == ("CANCELLED", [])


def test_one_that_is_being_cancelled_and_still_says_something_has_its_time(server: Server):
    server.running = [run_since(3600, state="CANCELLING")]
    heard(server, 20)
    assert look(server) == 0
    assert (server.ended, len(server.events)) == ({}, 1)


def test_one_that_is_only_quiet_goes_on(server: Server):
    server.running = [run_since(3600)]
    heard(server, 60)
    server.events.append((OURS, NOW - timedelta(seconds=70)))
    assert look(server) == 0
    assert server.ended == {}


def test_while_events_get_lost_silence_shows_nothing(server: Server):
    server.running = [run_since(3600)]
    server.loses_events = True
    assert [look(server, seconds) for seconds in range(0, 600, 60)] == [0] * 10
    assert server.ended == {}


def test_one_that_has_just_begun_and_one_of_no_deployment_go_on(server: Server):
    server.running = [run_since(20), run_since(3600, deployment=None)]
    assert [look(server, seconds) for seconds in (0, 15)] == [0, 0]
    assert (server.ended, server.events) == ({}, [])


def test_an_error_that_nobody_foresaw_does_not_end_the_looking(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The server answers with something that is no list of runs, and later as it should: it is asked on and on."""
    asked = 0
    often = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return
        asked += 1
        if asked >= 6:
            often.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"null" if asked < 4 else b"[]"})

    async def live() -> None:
        going_down = asyncio.Event()
        started = False

        async def receive() -> Message:
            nonlocal started
            if started:
                await going_down.wait()
                return {"type": "lifespan.shutdown"}
            started = True
            return {"type": "lifespan.startup"}

        async def send(_message: Message) -> None:
            """Hear nothing."""

        running = asyncio.create_task(Caretaker(app)({"type": "lifespan"}, receive, send))
        async with asyncio.timeout(10):
            await often.wait()
        going_down.set()
        await running

    monkeypatch.setattr(caretaker, "_EVERY_S", 0.01)
    with caplog.at_level(logging.WARNING):
        in_a_loop_of_its_own(live())
    assert "TypeError" in caplog.text
