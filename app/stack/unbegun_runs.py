"""Runs that a worker took and that never begin: the machine went off between the two.

A worker takes a run some seconds before its time. If it dies then, no other takes the run, nobody marks it, and it
would say Waiting for ever. It has no signs of life either that somebody could miss (`silent_runs`). The time counts
from when this server first saw it wait: a server that was away itself must not end what is about to begin.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.stack.server_runs import end_runs, find_runs

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("prefect.server.caretaker")

#: The process of a run asks for about a minute whether it may begin (a client's retries), and may be slow to start.
_PATIENCE: Final = timedelta(seconds=120)
_MESSAGE: Final = "La corrida no llegó a empezar: su proceso ya no está."


class UnbegunRuns:
    """Remembers since when runs wait for their process."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    async def end(self, client: httpx.AsyncClient, now: datetime | None = None) -> int:
        """Mark runs of deployments Crashed that were due and taken, and did not begin; returns how many."""
        now = now or datetime.now(UTC)
        waiting = {run["state"]["id"]: run for run in await _taken(client, now) if run["deployment_id"]}
        self._since = {state: self._since.get(state, now) for state in waiting}
        gone = [run for state, run in waiting.items() if now - self._since[state] >= _PATIENCE]
        await end_runs(client, gone, "Crashed", _MESSAGE)
        if gone:
            _log.warning("%d runs were taken by a worker and did not begin", len(gone))
        return len(gone)


async def _taken(client: httpx.AsyncClient, now: datetime) -> list[dict[str, Any]]:
    """List runs that a worker has taken and whose time has come."""
    return await find_runs(
        client,
        {"state": {"type": {"any_": ["PENDING"]}}, "expected_start_time": {"before_": now.isoformat()}},
    )
