"""What Prefect's server tells of itself and of what stands on it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from app.doctor.facts import USUAL_HEARTBEAT_S, Deployed, Messages, Pool, SafetyNet, Schedule, Server, Worker
from app.stack.prefect_api import ApiTrouble, Trouble
from modules.run_protocol import WORK_POOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from app.stack.prefect_api import Api

#: Prefect stores events every five seconds.
MESSAGES_WAIT_S: Final = 12.0
_POLL_S: Final = 0.5
#: A server that needs longer to say that it is there is busy, and may only have had no time for the event.
_AT_ONCE_S: Final = 1.0
_EVENT: Final = "tranquera.doctor"


def ask_server(api: Api) -> Server:
    """Ask the server whether it is ready, of which version it is and what time it has. Raises ApiTrouble."""
    began = time.monotonic()
    answer = api.raw("/health")
    milliseconds = round((time.monotonic() - began) * 1000)
    try:
        ready = api.raw("/ready").is_success
    except ApiTrouble:  # it waits for its database
        ready = False
    refused, version = False, None
    try:
        version = api.get("/admin/version")
    except ApiTrouble as trouble:
        refused = trouble.trouble is Trouble.REFUSED
    return Server(ready, refused, version, milliseconds, ahead_s(answer.headers))


def ahead_s(headers: Mapping[str, str] | httpx.Headers) -> float | None:
    """Tell by how many seconds the clock of who sent these headers is ahead of ours; None where they do not say."""
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return (theirs.astimezone(UTC) - datetime.now(UTC)).total_seconds()


def send_event(api: Api) -> Messages:
    """Send an event of our own and wait until it can be read again: messages and background services at once.

    Raises ApiTrouble where the server is not there, is slow with anything, or refuses; that it answers and cannot hand
    over this event is an answer.
    """
    event = {
        "id": str(uuid4()),
        "event": _EVENT,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {"prefect.resource.id": f"{_EVENT}.{uuid4()}"},
    }
    began = time.monotonic()
    api.raw("/health")  # where nobody listens, that is the trouble, and not the messages
    try:
        api.post("/events", [event])
    except ApiTrouble as trouble:
        if not _because_of_messages(api, trouble):
            raise
        return Messages(accepted=False, stored_after_s=None, waited_s=time.monotonic() - began)
    query = {"filter": {"id": {"id": [event["id"]]}, "occurred": {"since": event["occurred"]}}, "limit": 1}
    while time.monotonic() - began < MESSAGES_WAIT_S:
        try:
            if (api.post("/events/filter", query) or {}).get("events"):
                return Messages(accepted=True, stored_after_s=time.monotonic() - began, waited_s=MESSAGES_WAIT_S)
        except ApiTrouble as trouble:
            if trouble.trouble is Trouble.REFUSED:
                raise
        time.sleep(_POLL_S)
    return Messages(accepted=True, stored_after_s=None, waited_s=MESSAGES_WAIT_S)


def _because_of_messages(api: Api, trouble: ApiTrouble) -> bool:
    """Tell whether an event was not taken for want of where to put it, and not by a server that is busy or gone.

    So it is after an error of the server's own, or silence while it answers another question at once.
    """
    if trouble.trouble is Trouble.SILENT:
        began = time.monotonic()
        with suppress(ApiTrouble):
            return api.raw("/health").is_success and time.monotonic() - began <= _AT_ONCE_S
        return False
    return trouble.status in {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}


def ask_workers(api: Api) -> list[Worker]:
    """List the workers of the pool, those heard of last first. Raises ApiTrouble."""
    told = api.all(f"/work_pools/{WORK_POOL}/workers/filter")
    workers = [
        Worker(
            each["name"],
            each["status"] == "ONLINE",
            _when(each["last_heartbeat_time"]),
            each["heartbeat_interval_seconds"] or USUAL_HEARTBEAT_S,
        )
        for each in told
    ]
    return sorted(workers, key=lambda worker: worker.last_heartbeat or datetime.min.replace(tzinfo=UTC), reverse=True)


def ask_pool(api: Api) -> Pool | None:
    """Tell how the pool is; None where there is none. Raises ApiTrouble."""
    pool = api.get(f"/work_pools/{WORK_POOL}")
    if pool is None:
        return None
    queues = api.all(f"/work_pools/{WORK_POOL}/queues/filter")
    paused = [queue["name"] for queue in queues if queue["is_paused"]]
    return Pool(pool["type"], bool(pool["is_paused"]), pool["concurrency_limit"], paused)


def ask_deployments(api: Api) -> list[Deployed]:
    """List all deployments, also those that are none of ours. Raises ApiTrouble."""
    flows = {flow["id"]: flow["name"] for flow in api.all("/flows/filter")}
    return [_deployed(told, flows.get(told["flow_id"], "")) for told in api.all("/deployments/filter")]


def _deployed(told: dict[str, Any], flow: str) -> Deployed:
    steps = [step for pull in told["pull_steps"] or [] for step in pull.items()]
    directories = [said.get("directory") for name, said in steps if name.endswith("set_working_directory")]
    return Deployed(
        flow=flow,
        name=told["name"],
        entrypoint=told["entrypoint"] or "",
        work_pool=told["work_pool_name"],
        directory=directories[0] if directories else None,
        command=(told["job_variables"] or {}).get("command"),
        tags=told["tags"],
        paused=bool(told["paused"]),
        parameters=told["parameters"],
        schedules=[
            Schedule(
                bool(each["active"]),
                each["schedule"].get("cron"),
                each["schedule"].get("interval"),
                each.get("parameters") or {},
                each.get("slug"),
            )
            for each in told["schedules"]
        ],
    )


def ask_safety_net(api: Api) -> SafetyNet:
    """Tell about the limits, and the automation that waits for runs' signs of life. Raises ApiTrouble."""
    automations = [
        each["enabled"]
        for each in api.all("/automations/filter")
        if "prefect.flow-run.heartbeat" in (each["trigger"].get("after") or ())
    ]
    limits = frozenset(each["name"] for each in api.all("/v2/concurrency_limits/filter"))
    return SafetyNet(any(automations) if automations else None, limits)


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
