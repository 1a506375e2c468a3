"""Runs are started, once for a request, and cancelled."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from app.services.runs import deployments, reading
from app.services.runs.connection import PAGE, open_client
from modules.errors import RequestError
from modules.i18n import N_
from modules.run_protocol import who_tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.responses import DeploymentResponse

    from app.services.run import Run

#: A worker that has taken a run starts its process within half a second.
_SUBMITTED_S: Final = 4.0


def start(deployment: str, parameters: Mapping[str, Any], *, who: str = "") -> Run:
    """Start a run, or find the one that a double click has started already.

    Until it has ended, the same request is the same run: one that is active with these parameters is found, and of two
    requests at the same instant Prefect keeps one, by the idempotency key (the deployment, the parameters and its
    newest ended run). Raises RequestError for an unknown parameter, which Prefect would accept in silence.
    """
    with open_client() as client:
        found = deployments.find(client, deployment)
        _refuse_unknown(found, parameters)
        waiting = reading.read_runs(
            client, PAGE, deployment_id=found.id, states=(*reading.ACTIVE, "SCHEDULED"), due=True
        )
        for active_run in waiting:
            if active_run.parameters == {**found.parameters, **parameters}:
                return reading.to_run(client, active_run)
        created = client.create_flow_run_from_deployment(
            found.id,
            parameters=dict(parameters),
            idempotency_key=_idempotency_key(client, found.id, parameters),
            tags=[who_tag(who)] if who else [],
        )
        return reading.to_run(client, created)


def _refuse_unknown(found: DeploymentResponse, parameters: Mapping[str, Any]) -> None:
    known = (found.parameter_openapi_schema or {}).get("properties", {})
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise RequestError(
            N_("{deployment} has no parameter {names}. Nothing was started."),
            deployment=found.name,
            names=", ".join(unknown),
        )


def _idempotency_key(client: SyncPrefectClient, deployment_id: UUID, parameters: Mapping[str, Any]) -> str:
    newest = reading.read_runs(client, 1, deployment_id=deployment_id, states=reading.ENDED, newest="end")
    said = [str(deployment_id), dict(parameters), str(newest[0].id) if newest else ""]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def cancel(run_id: str) -> Run:
    """Ask for a run to be cancelled; it says CANCELLING until its process is gone."""
    from prefect.states import Cancelled, Cancelling

    with open_client() as client:
        found = _submitted(client, client.read_flow_run(reading.run_uuid(run_id)))
        # What no worker has taken has no process to wait for.
        waits = found.state is None or found.state.is_scheduled()
        client.set_flow_run_state(found.id, Cancelled() if waits else Cancelling())
        return reading.to_run(client, client.read_flow_run(found.id))


def _submitted(client: SyncPrefectClient, found: FlowRun) -> FlowRun:
    """Wait for the process of a run that a worker has just taken.

    Asked to cancel before it knows the process, Prefect's worker says Cancelled and starts the run all the same.
    """
    deadline = time.monotonic() + _SUBMITTED_S
    while found.state and found.state.is_pending() and not found.infrastructure_pid and time.monotonic() < deadline:
        time.sleep(0.1)
        found = client.read_flow_run(found.id)
    return found
