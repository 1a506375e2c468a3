"""Runs that a schedule made and nobody could start, because the machine or all workers were off.

Prefect keeps them, and the first worker would start all of them at once: five backups after five days. Of each
deployment only the newest is of use, as its catch-up; the others are cancelled and say why. That is done before the
server answers its first request, and from time to time as long as it runs. Several servers may do it: it is the same.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.stack.server_runs import end_runs, find_runs
from modules.run_protocol import SKIPPED_RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

_log = logging.getLogger("prefect.server.caretaker")

#: A run that is late by less is about to be started.
_OVERDUE: Final = timedelta(seconds=60)


async def skip_missed(client: httpx.AsyncClient, now: datetime | None = None) -> int:
    """Cancel all overdue runs of schedules but the newest of each deployment; returns how many."""
    older = superseded(await _overdue(client, (now or datetime.now(UTC)) - _OVERDUE))
    await end_runs(client, older, "Cancelled", SKIPPED_RUN)
    if older:
        _log.warning("%d runs were missed; of each process only the newest is made up for", len(older))
    return len(older)


async def _overdue(client: httpx.AsyncClient, before: datetime) -> list[dict[str, Any]]:
    """List runs that should have begun by `before`, the newest first."""
    # A run that waits for its turn or for a retry is SCHEDULED too, by another name.
    overdue = {
        "state": {"type": {"any_": ["SCHEDULED"]}, "name": {"any_": ["Scheduled", "Late"]}},
        "expected_start_time": {"before_": before.isoformat()},
    }
    return await find_runs(client, overdue)


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
