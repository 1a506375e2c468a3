"""Runs: the only caller of Prefect, through its official client.

Every function raises ServerUnreachable within a few seconds when Prefect's server does not answer, RunRejected when it
answers and says no, and RequestError for what does not exist.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from base64 import b64encode
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.services.parameters import parameter_fields
from app.services.run import (
    Deployment,
    LogLine,
    LogPage,
    Run,
    RunOutcome,
    RunState,
    StepProgress,
    Waiting,
    WaitingReason,
    Workers,
)
from modules.environments import Environment
from modules.errors import RequestError, RunRejected, ServerUnreachable
from modules.i18n import N_
from modules.progress import Step
from modules.run_protocol import (
    BACKUP_DEPLOYMENT,
    GRID_DEPLOYMENT,
    KMZ_DEPLOYMENT,
    OUTCOME_KEY,
    WORK_POOL,
    parse_progress,
    who_of,
    who_tag,
)
from modules.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import httpx
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import Artifact, FlowRun
    from prefect.client.schemas.responses import DeploymentResponse

#: A click has to be answered within five seconds when the server is gone or hangs. Prefect's client is more patient
#: than a person (minutes, by its retries), so the server is asked for a sign of life first.
_SIGN_OF_LIFE_S = 2.0
#: A server whose database is gone looks for it for seconds before it says so; the strip of parts waits two.
_READY_S = 1.5
#: Prefect's client retries what SQLite refuses with 503 when it is busy; twice is a few seconds.
_RETRIES = "2"
#: Prefect's own limit for a page of anything.
_PAGE = 200
#: A worker that has taken a run starts its process within half a second.
_SUBMITTED_S = 4.0
#: A worker that missed two heartbeats may be gone, one that missed three is. Prefect says so as well, but not at once,
#: and not at all while its background services are stopped.
_MAY_BE_GONE, _GONE = 2, 3
#: What Prefect supposes where a worker does not say how often it sends one.
_HEARTBEAT_S = 30
#: Runs of these take turns, and one that has its turn says within seconds how far it is.
_TAKE_TURNS = frozenset({BACKUP_DEPLOYMENT, KMZ_DEPLOYMENT, GRID_DEPLOYMENT})
_TURN_TAKEN_S = 45
#: A lease of Prefect's limits that nobody ever had.
_NO_LEASE = UUID(int=0)

_STATES = {
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
_ACTIVE = ("PENDING", "RUNNING", "CANCELLING", "PAUSED")
_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@contextmanager
def _prefect() -> Iterator[SyncPrefectClient]:
    """Open the client, and say in our words what goes wrong with it."""
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", _RETRIES)  # read when Prefect is imported
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
    from prefect.settings import PREFECT_API_URL

    try:
        _sign_of_life().get(f"{PREFECT_API_URL.value()}/health")
        with get_client(sync_client=True) as client:
            yield client
    except ObjectNotFound:
        raise RequestError(
            N_("That run or process does not exist any more. The list of runs shows what does.")
        ) from None
    except PrefectHTTPStatusError as error:
        if error.response.is_server_error:
            raise ServerUnreachable(
                N_(
                    "The server of flows cannot do its work at this moment (error {status}); its database may be "
                    "starting again. Wait a minute: the list of runs shows whether anything was started. If it stays "
                    "like this, “{command}” says what is wrong."
                ),
                command=typed("doctor"),
                status=error.response.status_code,
            ) from error
        raise RunRejected(
            N_("The server of flows refused the request: {why}. Nothing was started or changed."), why=_detail(error)
        ) from None
    except (httpx.HTTPError, RuntimeError) as error:
        raise ServerUnreachable(
            N_(
                "The server of flows does not answer, so nothing was started or changed. "
                "Wait a minute and try again; if it stays like this, restart Tranquera."
            )
        ) from error


@cache
def _sign_of_life() -> httpx.Client:
    import httpx

    return httpx.Client(timeout=_SIGN_OF_LIFE_S, trust_env=False)


def _detail(error: Any) -> str:
    try:
        detail = error.response.json().get("detail")
    except (json.JSONDecodeError, AttributeError):
        detail = None
    return str(detail or error.response.status_code)


def server_answers() -> bool:
    """Tell whether Prefect's server answers and has its database."""
    from prefect.settings import PREFECT_API_URL

    try:
        with _prefect():
            return _sign_of_life().get(f"{PREFECT_API_URL.value()}/ready", timeout=_READY_S).is_success
    except (ServerUnreachable, RunRejected):
        return False


def redis_answers() -> bool:
    """Tell whether Prefect's server has its redis, without which no run can be made. An embedded one needs none.

    The server has no question for that. To renew a lease it has to look there; that it finds none (410) is enough.
    """
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL

    secret = PREFECT_API_AUTH_STRING.value()
    account = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    question = f"{PREFECT_API_URL.value()}/v2/concurrency_limits/leases/{_NO_LEASE}/renew"
    try:
        with _prefect():
            answer = _sign_of_life().post(question, json={}, headers=account, timeout=_READY_S)
    except (ServerUnreachable, RunRejected):
        return False
    return not answer.is_server_error


def workers() -> Workers:
    """Tell how many workers of the pool answer, and when the last one was heard of."""
    with _prefect() as client:
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


# --- deployments ---------------------------------------------------------------------------------------------------


def deployment(name: str) -> Deployment:
    """Find a deployment by its name; raises RequestError when there is none."""
    with _prefect() as client:
        found = _find(client, name)
        return _deployment(found, client.read_flow(found.flow_id).name)


def _find(client: SyncPrefectClient, name: str) -> DeploymentResponse:
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    found = client.read_deployments(deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])), limit=1)
    if not found:
        raise RequestError(
            N_("The process {name} is not installed on the server of flows. Restart Tranquera to install it."),
            name=name,
        )
    return found[0]


def _deployment(found: DeploymentResponse, flow: str) -> Deployment:
    return Deployment(
        id=str(found.id),
        name=found.name,
        flow=flow,
        fields=parameter_fields(found.parameter_openapi_schema or {}, found.parameters),
    )


# --- starting and stopping -----------------------------------------------------------------------------------------


def start(deployment: str, parameters: Mapping[str, Any], *, who: str = "") -> Run:
    """Start a run, or find the one that a double click has started already.

    Until it has ended, the same request is the same run: one that is active with these parameters is found, and of two
    requests at the same instant Prefect keeps one, by the idempotency key (the deployment, the parameters and its
    newest ended run). Raises RequestError for an unknown parameter, which Prefect would accept in silence.
    """
    with _prefect() as client:
        found = _find(client, deployment)
        _refuse_unknown(found, parameters)
        waiting = _read(client, _PAGE, deployment_id=found.id, states=(*_ACTIVE, "SCHEDULED"), due=True)
        for active_run in waiting:
            if active_run.parameters == {**found.parameters, **parameters}:
                return _run(client, active_run)
        created = client.create_flow_run_from_deployment(
            found.id,
            parameters=dict(parameters),
            idempotency_key=_idempotency_key(client, found.id, parameters),
            tags=[who_tag(who)] if who else [],
        )
        return _run(client, created)


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
    newest = _read(client, 1, deployment_id=deployment_id, states=_ENDED, newest="end")
    said = [str(deployment_id), dict(parameters), str(newest[0].id) if newest else ""]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def cancel(run_id: str) -> Run:
    """Ask for a run to be cancelled; it says CANCELLING until its process is gone."""
    from prefect.states import Cancelled, Cancelling

    with _prefect() as client:
        found = _submitted(client, client.read_flow_run(_id(run_id)))
        # What no worker has taken has no process to wait for.
        waits = found.state is None or found.state.is_scheduled()
        client.set_flow_run_state(found.id, Cancelled() if waits else Cancelling())
        return _run(client, client.read_flow_run(found.id))


def _submitted(client: SyncPrefectClient, found: FlowRun) -> FlowRun:
    """Wait for the process of a run that a worker has just taken.

    Asked to cancel before it knows the process, Prefect's worker says Cancelled and starts the run all the same.
    """
    deadline = time.monotonic() + _SUBMITTED_S
    while found.state and found.state.is_pending() and not found.infrastructure_pid and time.monotonic() < deadline:
        time.sleep(0.1)
        found = client.read_flow_run(found.id)
    return found


# --- looking at runs -----------------------------------------------------------------------------------------------


def run(run_id: str) -> Run:
    """Look at a run; raises RequestError when there is none of that id."""
    with _prefect() as client:
        return _run(client, client.read_flow_run(_id(run_id)))


def _id(run_id: str) -> UUID:
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
    with _prefect() as client:
        deployment_id = _find(client, deployment).id if deployment else None
        if environment is None:
            return _described(client, _read(client, limit, offset=offset, deployment_id=deployment_id, due=True))
        found: list[Run] = []
        position = 0
        while len(found) < offset + limit:
            page = _read(client, _PAGE, offset=position, deployment_id=deployment_id, due=True)
            found += [run for run in _described(client, page) if run.environment in {environment, None}]
            position += len(page)
            if len(page) < _PAGE:
                break
        return found[offset : offset + limit]


def active() -> list[Run]:
    """List the runs that are under way or due, oldest first."""
    with _prefect() as client:
        under_way = _read(client, _PAGE, states=_ACTIVE)
        due = _read(client, _PAGE, states=("SCHEDULED",), due=True)
        return sorted(_described(client, [*under_way, *due]), key=lambda run: run.created)


def _read(
    client: SyncPrefectClient,
    limit: int,
    *,
    offset: int = 0,
    deployment_id: UUID | None = None,
    states: Sequence[str] = (),
    due: bool = False,
    newest: str = "start",
) -> list[FlowRun]:
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


def _run(client: SyncPrefectClient, found: FlowRun) -> Run:
    return _described(client, [found])[0]


def _described(client: SyncPrefectClient, found: Sequence[FlowRun]) -> list[Run]:
    """Turn Prefect's runs into ours, with the names of their flows and deployments."""
    from prefect.client.schemas import filters

    if not found:
        return []
    flow_ids = list({run.flow_id for run in found})
    flows = client.read_flows(flow_filter=filters.FlowFilter(id=filters.FlowFilterId(any_=flow_ids)), limit=_PAGE)
    flow_names = {flow.id: flow.name for flow in flows}
    ids = list({run.deployment_id for run in found if run.deployment_id})
    names: dict[UUID, str] = {}
    if ids:
        wanted = filters.DeploymentFilter(id=filters.DeploymentFilterId(any_=ids))
        names = {known.id: known.name for known in client.read_deployments(deployment_filter=wanted, limit=_PAGE)}
    return [_described_one(run, flow_names.get(run.flow_id, ""), names) for run in found]


def _described_one(found: FlowRun, flow: str, names: Mapping[UUID, str]) -> Run:
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


def progress(run_id: str) -> list[StepProgress]:
    """Tell how far each step is, in the order of the steps; steps that have not begun are left out."""
    told: dict[Step, StepProgress] = {}
    for artifact in _artifacts(run_id, "progress"):
        read = parse_progress(artifact.description or "")
        if read is not None:
            told[read.step] = StepProgress(*read)
    return [told[step] for step in Step if step in told]


def outcome(run_id: str) -> RunOutcome | None:
    """Read what a run left as its record; None while there is none."""
    for artifact in _artifacts(run_id, "json"):
        if artifact.key != OUTCOME_KEY:
            continue
        data = json.loads(artifact.data) if isinstance(artifact.data, str) else artifact.data
        if isinstance(data, dict):
            return RunOutcome(result=data.get("result"), error=data.get("error"))
    return None


def _artifacts(run_id: str, kind: str) -> list[Artifact]:
    from prefect.client.schemas import filters

    with _prefect() as client:
        return client.read_artifacts(
            artifact_filter=filters.ArtifactFilter(
                flow_run_id=filters.ArtifactFilterFlowRunId(any_=[_id(run_id)]),
                type=filters.ArtifactFilterType(any_=[kind]),
            ),
            limit=_PAGE,
        )


def log(run_id: str, offset: int = 0) -> LogPage:
    """Read a page of a run's technical log, oldest line first."""
    import logging

    from prefect.client.schemas import filters
    from prefect.client.schemas.sorting import LogSort

    with _prefect() as client:
        lines = client.read_logs(
            log_filter=filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[_id(run_id)])),
            sort=LogSort.TIMESTAMP_ASC,
            limit=_PAGE,
            offset=offset,
        )
    shown = [LogLine(line.timestamp, logging.getLevelName(line.level), line.message) for line in lines]
    return LogPage(shown, offset + len(shown))


# --- why a run waits -----------------------------------------------------------------------------------------------


def waiting_reason(run: Run) -> WaitingReason | None:
    """Explain why a run has not begun its work; None for one that has, or has ended."""
    if run.state is RunState.RUNNING:
        return None if progress(run.id) else _why_not_at_work(run)
    return _why_not_started(run) if run.state is RunState.WAITING else None


def _why_not_at_work(run: Run) -> WaitingReason | None:
    if ahead := _ahead(run):
        return WaitingReason(Waiting.BEHIND_OTHERS, ahead=ahead)
    if run.deployment not in _TAKE_TURNS or run.environment is None or run.started is None:
        return None
    waited = datetime.now(UTC) - run.started
    return WaitingReason(Waiting.TURN) if waited.total_seconds() > _TURN_TAKEN_S else None


def _why_not_started(run: Run) -> WaitingReason:
    now = datetime.now(UTC)
    if run.expected_start and run.expected_start > now + timedelta(seconds=5):
        return WaitingReason(Waiting.LATER, since=run.expected_start)
    if _pool_is_paused():
        return WaitingReason(Waiting.PAUSED)
    crew = workers()
    if crew.silent:
        return WaitingReason(Waiting.NO_WORKER, since=crew.last_seen)
    ahead = _ahead(run)
    return WaitingReason(Waiting.BEHIND_OTHERS, ahead=ahead) if ahead else WaitingReason(Waiting.SOON)


def _ahead(run: Run) -> list[Run]:
    """The runs that the limit of one for each deployment and environment puts before this one.

    Turns do not go by age: an older run may be before it, one that is at work is. A run that somebody started past the
    dashboard may not say its environment; it has one all the same.
    """
    if run.environment is None:  # it writes nothing, so nothing waits for it
        return []
    others = [other for other in active() if other.id != run.id and other.deployment == run.deployment]
    rivals = [other for other in others if other.environment in {run.environment, None}]
    return [other for other in rivals if other.created <= run.created or progress(other.id)]


def _pool_is_paused() -> bool:
    with _prefect() as client:
        return client.read_work_pool(WORK_POOL).is_paused
