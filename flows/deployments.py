"""The table of deployments, and what they stand on: work pool, concurrency limits, automation for zombies.

`python -m flows.deployments` makes the server agree with the table and can run again at any time: what an operator
changed at a deployment (its schedules, whether it is paused, its default parameters, its tags, how many of its runs may
go at once, its work queue, its job variables but for the command) stays. `--json` only tells the table.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.environments import Environment
from modules.i18n.zone import BUENOS_AIRES
from modules.run_protocol import BACKUP_DEPLOYMENT, GRID_DEPLOYMENT, KMZ_DEPLOYMENT, WORK_POOL, limit_name

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

PROJECT = Path(__file__).resolve().parent.parent

#: Starts the engine without Prefect's supervisor, which would import Prefect a second time, and warm where the stack
#: runs a server for that. `python` is the worker's own: its folder is the first of the worker's PATH.
_ENGINE = "python -m flows.warm_engine"

_OURS = {"command": _ENGINE}

_TAGS = ("tranquera",)

_ZOMBIE_AUTOMATION = "Corridas sin señales de vida"
#: Heartbeats come every 30 s; three missed ones are enough.
_SILENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """A row of the table, or a company's own (docs/new-flow).

    parameters: of the schedule; a run by hand starts from the flow's own defaults
    source:     the folder that `entrypoint` begins at; it has to be there for workers too
    """

    name: str
    flow: str
    entrypoint: str
    cron: str | None = None
    interval_s: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Runs of the same environment wait for one another.
    exclusive: bool = False
    source: str = str(PROJECT)


BACKUP_LOTES = DeploymentSpec(
    name=BACKUP_DEPLOYMENT,
    flow="Backup Databaler Lotes",
    entrypoint="flows/backup_lotes.py:backup_lotes",
    cron="0 3 * * *",
    parameters={"test": False},
    exclusive=True,
)
GENERAR_KMZ = DeploymentSpec(
    name=KMZ_DEPLOYMENT,
    flow="Generar KMZ",
    entrypoint="flows/generar_kmz.py:generar_kmz",
    cron="0 2 * * 1",
    parameters={"test": False},
    exclusive=True,
)
GRILLA_H3 = DeploymentSpec(
    name=GRID_DEPLOYMENT,
    flow="Grilla H3",
    entrypoint="flows/grilla_h3.py:grilla_h3",
    cron="0 4 * * 1",
    parameters={"test": False},
    exclusive=True,
)
HELLO_WORLD = DeploymentSpec("hello-world", "hello-world", "flows/hello_world.py:hello_world")

TABLE = (BACKUP_LOTES, GENERAR_KMZ, GRILLA_H3, HELLO_WORLD)


def deploy(spec: DeploymentSpec) -> None:
    """Make one deployment, and what it stands on, agree with its row."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    with get_client(sync_client=True) as client:
        _ensure_pool(client)
        _ensure_limits(client, spec)
        existing = _existing(client, spec)
    try:
        _deploy_flow(spec, existing)
    except PrefectHTTPStatusError as error:
        refused = error.response.status_code in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
        if existing is None or existing.job_variables == _OURS or not refused:
            raise
        # What the pool's template takes can change later, and the whole installation waits for this deployment.
        print(f"{spec.flow}/{spec.name}: without its job variables, as the server refused: {error}")  # noqa: T201
        _deploy_flow(spec, existing.model_copy(update={"job_variables": _OURS}))
    print(f"{spec.flow}/{spec.name}: {'updated' if existing else 'created'}")  # noqa: T201


def deploy_all() -> None:
    """Make the server agree with the whole table."""
    from prefect.client.orchestration import get_client

    for spec in TABLE:
        deploy(spec)
    with get_client(sync_client=True) as client:
        _ensure_zombie_automation(client)


def told(spec: DeploymentSpec) -> dict[str, Any]:
    """Tell a row and all that deploying it sets, whatever an operator did: drift shows against it. JSON values only."""
    return asdict(spec) | {
        "work_pool": WORK_POOL,
        "directory": str(PROJECT),
        "command": _ENGINE,
        "tags": list(_TAGS),
        "limits": _limits(spec),
    }


def _ensure_pool(client: SyncPrefectClient) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        try:
            client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process", base_job_template=template))
        except ObjectAlreadyExists:
            return  # a worker that started at this very moment made it, from the same template


def _ensure_limits(client: SyncPrefectClient, spec: DeploymentSpec) -> None:
    for name in _limits(spec):
        client.upsert_global_concurrency_limit_by_name(name, 1)


def _limits(spec: DeploymentSpec) -> list[str]:
    return [limit_name(spec.name, environment) for environment in Environment] if spec.exclusive else []


def _existing(client: SyncPrefectClient, spec: DeploymentSpec) -> DeploymentResponse | None:
    from prefect.exceptions import ObjectNotFound

    try:
        return client.read_deployment_by_name(f"{spec.flow}/{spec.name}")
    except ObjectNotFound:
        return None


def _deploy_flow(spec: DeploymentSpec, existing: DeploymentResponse | None) -> None:
    """Deploy through Prefect's own way. It replaces all of a deployment, so what an existing one has is handed back.

    What is left out counts as none there: not paused, no default parameters, no limit of runs at once.
    """
    from prefect import flow

    loaded: Any = flow.from_source(source=spec.source, entrypoint=spec.entrypoint)
    loaded.deploy(
        name=spec.name,
        work_pool_name=WORK_POOL,
        build=False,
        push=False,
        print_next_steps=False,
        ignore_warnings=True,
        **(_kept(existing, spec, set(loaded.parameters.properties)) if existing else _new(spec)),
    )


def _new(spec: DeploymentSpec) -> dict[str, Any]:
    return {"tags": list(_TAGS), "schedules": _schedules(spec), "job_variables": _OURS}


def _kept(existing: DeploymentResponse, spec: DeploymentSpec, known: set[str]) -> dict[str, Any]:
    """What stays of a deployment; of its default parameters those that the flow still has (`known`).

    The server refuses a deployment with any other, and the whole installation waits for this one.
    """
    limit = existing.global_concurrency_limit
    return {
        "paused": existing.paused,
        "parameters": {name: value for name, value in existing.parameters.items() if name in known},
        "tags": [*_TAGS, *(tag for tag in existing.tags if tag not in _TAGS)],
        "concurrency_limit": _limit_of(existing, limit.limit) if limit else None,
        "schedules": _kept_schedules(existing, spec),
        **(_kept_in_pool(existing) if existing.work_pool_name == WORK_POOL else {"job_variables": _OURS}),
    }


def _kept_in_pool(existing: DeploymentResponse) -> dict[str, Any]:
    return {"job_variables": existing.job_variables | _OURS, "work_queue_name": existing.work_queue_name}


def _limit_of(existing: DeploymentResponse, runs: int) -> Any:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig

    options = existing.concurrency_options
    return ConcurrencyLimitConfig(limit=runs, **options.model_dump()) if options else runs


def _kept_schedules(existing: DeploymentResponse, spec: DeploymentSpec) -> list[Any]:
    """The schedules as they are now, with what an operator changed; by their slugs they are updated in place.

    A schedule that is switched on or off by Prefect's command line loses its parameters (its API takes what is left out
    for none): those of the row come back then, as the nightly run would write to test otherwise.
    """
    from prefect.client.schemas.actions import DeploymentScheduleCreate

    names = ("schedule", "active", "max_scheduled_runs", "parameters", "slug")
    kept = [{name: getattr(schedule, name) for name in names} for schedule in existing.schedules]
    for each in kept:
        if each["slug"] == spec.name and not each["parameters"]:
            each["parameters"] = spec.parameters
    return [DeploymentScheduleCreate(**each) for each in kept]


def _schedules(spec: DeploymentSpec) -> list[Any]:
    """The row's schedule, not active yet: an operator starts it once portal and production folders are there."""
    from prefect.schedules import Cron, Interval

    common: dict[str, Any] = {
        "timezone": str(BUENOS_AIRES),
        "active": False,
        "parameters": spec.parameters,
        "slug": spec.name,
    }
    if spec.cron:
        return [Cron(spec.cron, **common)]
    if spec.interval_s:
        return [Interval(spec.interval_s, **common)]
    return []


def _ensure_zombie_automation(client: SyncPrefectClient) -> None:
    """A run whose process was killed says nothing any more: mark it Crashed instead of leaving it Running for ever."""
    from prefect.automations import AutomationCore
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import EventTrigger, Posture

    wanted = AutomationCore(
        name=_ZOMBIE_AUTOMATION,
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            threshold=1,
            within=_SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message="La corrida dejó de dar señales de vida: su proceso ya no está."
            )
        ],
    )
    for existing in client.read_automations_by_name(_ZOMBIE_AUTOMATION):
        client.update_automation(existing.id, wanted.model_copy(update={"enabled": existing.enabled}))
        return
    client.create_automation(wanted)


def main() -> None:
    """Deploy all, or tell the table as JSON."""
    if "--json" in sys.argv[1:]:
        print(json.dumps([told(spec) for spec in TABLE]))  # noqa: T201
    else:
        deploy_all()


if __name__ == "__main__":
    main()
