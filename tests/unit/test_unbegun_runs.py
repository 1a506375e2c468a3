"""Runs that a worker took and that do not begin: ended after a while of this server's own, and only then."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.stack.unbegun_runs import UnbegunRuns

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Server:
    """As much of Prefect's API as is asked: runs that wait for their process."""

    def __init__(self, *taken: dict[str, Any]) -> None:
        self.taken = list(taken)
        self.ended: dict[str, dict[str, Any]] = {}
        self._unbegun = UnbegunRuns()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if request.url.path == "/api/flow_runs/filter":
            assert asked["flow_runs"]["state"]["type"]["any_"] == ["PENDING"]
            before = datetime.fromisoformat(asked["flow_runs"]["expected_start_time"]["before_"])
            return httpx.Response(200, json=[run for run in self.taken if run["due"] <= before.isoformat()])
        run_id = request.url.path.removeprefix("/api/flow_runs/").removesuffix("/set_state")
        self.ended[run_id] = asked["state"]
        self.taken = [run for run in self.taken if run["id"] != run_id]
        return httpx.Response(200, json={})

    def look(self, after_s: float) -> int:
        async def asked() -> int:
            transport = httpx.MockTransport(self._answer)
            async with httpx.AsyncClient(transport=transport, base_url="http://prefect/api") as client:
                return await self._unbegun.end(client, NOW + timedelta(seconds=after_s))

        # In another thread: a browser's driver keeps a loop running in this one.
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(asyncio.run, asked()).result()


def taken(name: str = "run", *, due_s: float = -600, state: str = "a", deployment: str | None = "d") -> dict[str, Any]:
    due = (NOW + timedelta(seconds=due_s)).isoformat()
    return {"id": name, "deployment_id": deployment, "state": {"id": state}, "due": due}


def test_a_run_that_does_not_begin_is_ended_and_says_why():
    server = Server(taken())
    assert [server.look(0), server.look(60), server.look(119), server.look(120)] == [0, 0, 0, 1]
    assert server.ended["run"]["type"] == "CRASHED"
    assert "no llegó a empezar" in server.ended["run"]["message"]


def test_a_server_that_was_away_itself_waits_anew():
    assert Server(taken(due_s=-100_000)).look(0) == 0


def test_a_run_that_goes_on_to_another_state_has_its_time_again():
    server = Server(taken(state="pending"))
    server.look(0)
    server.taken = [taken(state="submitting")]
    assert [server.look(120), server.look(239), server.look(240)] == [0, 0, 1]


def test_what_is_not_due_yet_or_no_workers_is_left_alone():
    server = Server(taken("later", due_s=500), taken("somebody's", deployment=None))
    assert [server.look(0), server.look(300)] == [0, 0]
    assert server.ended == {}
