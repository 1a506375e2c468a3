"""Runs as Prefect's server knows them, turned into ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.services.run import Run, RunState
from app.services.runs import deployments
from app.services.runs.connection import PAGE, open_client
from modules.environments import Environment
from modules.errors import RequestError
from modules.i18n import N_
from modules.run_protocol import who_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

_STATES: Final = {
    "SCHEDULED": RunState.WAITING,
    "PENDING": RunState.WAITING,
    "PAUSED": RunState.WAITING,
    "RUNNING": RunState.RUNNING,
    "CANCELLING": RunState.CANCELLING,
    "COMPLETED": RunState.COMPLETED,
    "FAILED": RunState.FAILED,
    "CRASHED": RunState.CRASHED,
    "CANCELLED": RunState.CANCELLED,
}
#: What Prefect calls the states of a run that is under way, and of one that is over.
ACTIVE: Final = ("PENDING", "RUNNING", "CANCELLING", "PAUSED")
ENDED: Final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
#: So many runs that ended last are looked through.
_LATELY: Final = 20


def run(run_id: str) -> Run:
    """Look at a run; raises RequestError when there is none of that id."""
    with open_client() as client:
        return to_run(client, client.read_flow_run(run_uuid(run_id)))


def run_uuid(run_id: str) -> UUID:
    """Read the id of a run that a link or a person gave; raises RequestError when it is none."""
    try:
        return UUID(run_id)
    except ValueError:
        raise RequestError(N_("The link does not name a run. The list of runs shows those there are.")) from None


def recent(
    limit: int = 50, *, deployment: str | None = None, environment: Environment | None = None, offset: int = 0
) -> list[Run]:
    """List runs, newest first, without those a schedule has planned for the future.

    Prefect cannot filter by parameters: an environment is looked for page by page until `limit` runs are found.
    """
    with open_client() as client:
        deployment_id = deployments.find(client, deployment).id if deployment else None
        if environment is None:
            return _to_runs(client, read_runs(client, limit, offset=offset, deployment_id=deployment_id, due=True))
        found: list[Run] = []
        position = 0
        while len(found) < offset + limit:
            page = read_runs(client, PAGE, offset=position, deployment_id=deployment_id, due=True)
            found += [run for run in _to_runs(client, page) if run.environment in {environment, None}]
            position += len(page)
            if len(page) < PAGE:
                break
        return found[offset : offset + limit]


def active() -> list[Run]:
    """List the runs that are under way or due, oldest first."""
    with open_client() as client:
        under_way = read_runs(client, PAGE, states=ACTIVE)
        due = read_runs(client, PAGE, states=("SCHEDULED",), due=True)
        return sorted(_to_runs(client, [*under_way, *due]), key=lambda run: run.created)


def newest_ended(deployment: str, environment: Environment) -> Run | None:
    """Find the run of a deployment that ended last in an environment; None where none did lately."""
    with open_client() as client:
        found = deployments.find(client, deployment)
        ended = read_runs(client, _LATELY, deployment_id=found.id, states=ENDED, newest="end")
        return next((run for run in _to_runs(client, ended) if run.environment in {environment, None}), None)


def read_runs(
    client: SyncPrefectClient,
    limit: int,
    *,
    offset: int = 0,
    deployment_id: UUID | None = None,
    states: Sequence[str] = (),
    due: bool = False,
    newest: str = "start",
) -> list[FlowRun]:
    """Read runs of a deployment and in some states as Prefect has them, newest first by their `newest`: start or end.

    due: none that a schedule has planned for the future
    """
    from prefect.client.schemas import filters
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    wanted = filters.FlowRunFilter(
        deployment_id=filters.FlowRunFilterDeploymentId(any_=[deployment_id]) if deployment_id else None,
        state=filters.FlowRunFilterState(
            type=filters.FlowRunFilterStateType(any_=[StateType(state) for state in states])
        )
        if states
        else None,
        expected_start_time=filters.FlowRunFilterExpectedStartTime(before_=datetime.now(UTC) + timedelta(seconds=5))
        if due
        else None,
    )
    sort = FlowRunSort.END_TIME_DESC if newest == "end" else FlowRunSort.EXPECTED_START_TIME_DESC
    return client.read_flow_runs(flow_run_filter=wanted, sort=sort, limit=limit, offset=offset)


def to_run(client: SyncPrefectClient, found: FlowRun) -> Run:
    """Turn one of Prefect's runs into ours."""
    return _to_runs(client, [found])[0]


def _to_runs(client: SyncPrefectClient, found: Sequence[FlowRun]) -> list[Run]:
    """Turn Prefect's runs into ours, with the names of their flows and deployments."""
    from prefect.client.schemas import filters

    if not found:
        return []
    flow_ids = list({run.flow_id for run in found})
    flows = client.read_flows(flow_filter=filters.FlowFilter(id=filters.FlowFilterId(any_=flow_ids)), limit=PAGE)
    flow_names = {flow.id: flow.name for flow in flows}
    ids = list({run.deployment_id for run in found if run.deployment_id})
    names: dict[UUID, str] = {}
    if ids:
        wanted = filters.DeploymentFilter(id=filters.DeploymentFilterId(any_=ids))
        names = {known.id: known.name for known in client.read_deployments(deployment_filter=wanted, limit=PAGE)}
    return [_translated(run, flow_names.get(run.flow_id, ""), names) for run in found]


def _translated(found: FlowRun, flow: str, names: Mapping[UUID, str]) -> Run:
    test = found.parameters.get("test")
    return Run(
        id=str(found.id),
        deployment=names.get(found.deployment_id, "") if found.deployment_id else "",
        flow=flow,
        state=_STATES[found.state.type.value] if found.state else RunState.WAITING,
        environment=Environment.of(test=test) if isinstance(test, bool) else None,
        parameters=found.parameters,
        who=who_of(found.tags),
        scheduled=found.auto_scheduled,
        created=found.created or datetime.now(UTC),
        expected_start=found.expected_start_time,
        started=found.start_time,
        ended=found.end_time,
        seconds=_seconds(found),
        message=(found.state.message or "") if found.state else "",
    )


def _seconds(found: FlowRun) -> float:
    if found.start_time is None:
        return 0.0
    return ((found.end_time or datetime.now(UTC)) - found.start_time).total_seconds()
