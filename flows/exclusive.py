"""One run at a time for each deployment and environment; the next one waits for its turn."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from modules.run_protocol import TURN_LEASE_S, limit_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.environments import Environment


@contextmanager
def one_at_a_time(deployment: str, environment: Environment, flow_run_id: str | None) -> Iterator[None]:
    """Hold the only slot inside the block, waiting for it first. The limit must exist: `flows.deployments` makes it.

    Outside a flow run of Prefect's (`flow_run_id` None) nothing is held.
    """
    if flow_run_id is None:
        yield
        return
    from prefect.client.schemas.objects import ConcurrencyLeaseHolder
    from prefect.concurrency.sync import concurrency

    holder = ConcurrencyLeaseHolder(type="flow_run", id=UUID(flow_run_id))
    with concurrency(limit_name(deployment, environment), strict=True, lease_duration=TURN_LEASE_S, holder=holder):
        yield
