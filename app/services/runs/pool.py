"""The pool that runs are started in: its workers, and whether it is paused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from app.services.run import Workers
from app.services.runs.connection import open_client
from modules.run_protocol import WORK_POOL

#: A worker that missed two heartbeats may be gone, one that missed three is. Prefect says so as well, but not at once,
#: and not at all while its background services are stopped.
_MAY_BE_GONE: Final = 2
_GONE: Final = 3
#: What Prefect supposes where a worker does not say how often it sends one.
_HEARTBEAT_S: Final = 30


def workers() -> Workers:
    """Tell how many workers of the pool answer, and when the last one was heard of."""
    with open_client() as client:
        known = client.read_workers_for_work_pool(WORK_POOL)
    now = datetime.now(UTC)
    seen = [worker.last_heartbeat_time for worker in known if worker.last_heartbeat_time]
    missed = [
        (now - worker.last_heartbeat_time).total_seconds() / (worker.heartbeat_interval_seconds or _HEARTBEAT_S)
        for worker in known
        if worker.last_heartbeat_time
    ]
    return Workers(
        alive=sum(heartbeats < _GONE for heartbeats in missed),
        last_seen=max(seen, default=None),
        silent=all(heartbeats > _MAY_BE_GONE for heartbeats in missed),
    )


def is_paused() -> bool:
    """Tell whether the pool starts nothing at this moment."""
    with open_client() as client:
        return client.read_work_pool(WORK_POOL).is_paused
