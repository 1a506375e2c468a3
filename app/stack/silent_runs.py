"""Runs whose process is gone and that no automation knows of: a power cut took their first signs of life with it.

The automation of `flows.deployments` waits for the next heartbeat of a run from the first one on. Where machine, redis
and database die together before that one is stored, it waits for nothing, and the run would say Running for ever. Here
the stored events are asked instead. Silence counts only while events get through, which one of our own shows.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from app.stack.server_runs import end_runs, find_runs

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("prefect.server.caretaker")

#: Heartbeats come every 30 s. Who missed one may be gone, who missed three is.
_QUIET: Final = timedelta(seconds=45)
_SILENT: Final = timedelta(seconds=100)
_CANARY: Final = "tranquera.sign-of-life"
_RESOURCE: Final = "tranquera.server"
#: How a run ends that is in such a state, and what its page says. Of a cancelled one whose process was gone already the
#: automation knows nothing (that it is being cancelled is the sign of life it waits for), and Prefect waits 5 minutes.
_ENDS: Final = {
    "RUNNING": ("Crashed", "La corrida dejó de dar señales de vida: su proceso ya no está."),
    "CANCELLING": ("Cancelled", "La corrida se canceló; su proceso ya no estaba."),
}


async def end_silent(client: httpx.AsyncClient, now: datetime | None = None) -> int:
    """End runs of deployments that say nothing: as Crashed, or Cancelled where that was asked; returns how many.

    While one is quiet, an event of ours is sent at each call. Only one that is older than a heartbeat's pause and was
    stored shows that a living run would have been heard.
    """
    now = now or datetime.now(UTC)
    running = await find_runs(client, {"state": {"type": {"any_": list(_ENDS)}}})
    running = [run for run in running if run["deployment_id"]]  # what a worker started sends heartbeats
    quiet = [run for run in running if _began(run) < now - _QUIET and not await _heard(client, _of(run), now - _QUIET)]
    if not quiet:
        return 0
    await _send_canary(client, now)
    if not await _heard(client, _RESOURCE, now - _SILENT, now - _QUIET):
        return 0
    silent = [run for run in quiet if _began(run) < now - _SILENT and not await _heard(client, _of(run), now - _SILENT)]
    for state, end in _ENDS.items():
        await end_runs(client, [run for run in silent if run["state"]["type"] == state], *end)
    if silent:
        _log.warning("%d runs had given no sign of life for %d s", len(silent), _SILENT.total_seconds())
    return len(silent)


def _began(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["state"]["timestamp"])


def _of(run: dict[str, Any]) -> str:
    return f"prefect.flow-run.{run['id']}"


async def _heard(client: httpx.AsyncClient, resource: str, since: datetime, until: datetime | None = None) -> bool:
    """Tell whether an event of `resource` was stored that happened then."""
    occurred = {"since": since.isoformat(), "until": (until or since + timedelta(days=1)).isoformat()}
    query = {"filter": {"occurred": occurred, "resource": {"id": [resource]}}, "limit": 1}
    answer = await client.post("/events/filter", json=query)
    answer.raise_for_status()
    return bool(answer.json()["events"])


async def _send_canary(client: httpx.AsyncClient, now: datetime) -> None:
    resource = {"prefect.resource.id": _RESOURCE}
    event = {"id": str(uuid4()), "event": _CANARY, "occurred": now.isoformat(), "resource": resource}
    (await client.post("/events", json=[event])).raise_for_status()
