"""Runs that a schedule made and nobody could start, because the machine or all workers were off.

Prefect keeps them, and the first worker would start all of them at once: five backups after five days. Of each
deployment only the newest is of use, as its catch-up; the others are cancelled and say why. That is done before the
server answers its first request, and from time to time as long as it runs. Several servers may do it: it is the same.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("tranquera.server")

_EVERY_S: Final = 30.0
#: A run that is late by less is about to be started.
_OVERDUE: Final = timedelta(seconds=60)
#: Prefect's own limit for a page of anything.
_PAGE: Final = 200
_SKIPPED: Final = "No se pudo empezar a su hora y hay otra más nueva del mismo proceso: se omite."


class MissedRuns:
    """Prefect's server, which leaves out runs that were missed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; what is missed is looked for between the server's start and its first request."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        watching: asyncio.Task[None] | None = None

        async def watch_and_send(message: Message) -> None:
            nonlocal watching
            if message["type"] == "lifespan.startup.complete":
                # A task of its own: this one is the server's start, which holds a thread of the pool that routes need.
                await asyncio.create_task(self._try_once())
                watching = asyncio.create_task(self._watch())
            await send(message)

        try:
            await self._app(scope, receive, watch_and_send)
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            await self._try_once()

    async def _try_once(self) -> None:
        try:
            skipped = await skip_missed(self._app, datetime.now(UTC))
        except (httpx.HTTPError, ValueError, LookupError) as error:
            _log.warning("Missed runs could not be looked for: %r", error)
        else:
            if skipped:
                _log.warning("%d runs were missed; of each process only the newest is made up for", skipped)


async def skip_missed(app: ASGIApp, now: datetime) -> int:
    """Cancel all overdue runs of schedules but the newest of each deployment, through Prefect's own API in `app`.

    Returns how many.
    """
    password = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    headers = {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}"} if password else {}
    # What goes wrong inside, as when the database is gone, is an answer like any other.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://prefect/api", headers=headers) as client:
        runs = await _overdue(client, now - _OVERDUE)
        for run in superseded(runs):
            state = {"type": "CANCELLED", "name": "Cancelled", "message": _SKIPPED}
            answer = await client.post(f"/flow_runs/{run['id']}/set_state", json={"state": state, "force": True})
            answer.raise_for_status()
    return len(superseded(runs))


async def _overdue(client: httpx.AsyncClient, before: datetime) -> list[dict[str, Any]]:
    """List runs that should have begun by `before`, the newest first."""
    # A run that waits for its turn or for a retry is SCHEDULED too, by another name.
    query = {
        "flow_runs": {
            "state": {"type": {"any_": ["SCHEDULED"]}, "name": {"any_": ["Scheduled", "Late"]}},
            "expected_start_time": {"before_": before.isoformat()},
        },
        "sort": "EXPECTED_START_TIME_DESC",
        "limit": _PAGE,
    }
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.post("/flow_runs/filter", json={**query, "offset": len(found)})
        answer.raise_for_status()
        page = answer.json()
        found += page
        if len(page) < _PAGE:
            return found


def superseded(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pick those that a schedule made and that have a newer one of the same deployment before them in `runs`."""
    seen: set[str] = set()
    older = []
    for run in runs:
        if not run["auto_scheduled"]:
            continue  # somebody asked for it
        if run["deployment_id"] in seen:
            older.append(run)
        seen.add(run["deployment_id"])
    return older
