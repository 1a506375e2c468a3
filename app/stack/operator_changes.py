"""What an operator may change at a deployment: whether it is paused, default parameters, schedules."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

import msgspec

from app.stack.prefect_api import ApiTrouble, Trouble
from modules.errors import RequestError, ServerUnreachable
from modules.i18n import N_
from modules.typed import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.stack.prefect_api import Api

_OF_A_SCHEDULE: Final = ("schedule", "active", "max_scheduled_runs", "parameters", "slug")


class OperatorChange(msgspec.Struct, frozen=True):
    """What is so of a deployment. schedules: as Prefect's API takes them."""

    flow: str
    name: str
    paused: bool
    parameters: dict[str, Any]
    schedules: list[dict[str, Any]]


class Step(StrEnum):
    """What is put back at a deployment, in this order: whether it is paused with its parameters, then its schedules."""

    PARAMETERS = "parameters"
    SCHEDULES = "schedules"


class Missing(NamedTuple):
    """A deployment that is not what it was. refused: what the server refused of it, None where it is not there.

    status: that of HTTP
    """

    name: str
    refused: Step | None = None
    status: int | None = None


class PutBack(NamedTuple):
    """What became of the deployments, by name. left_out: parameters of those done that their flow does not have."""

    done: list[str]
    missing: list[Missing]
    left_out: dict[str, list[str]]


def read_changes(api: Api) -> list[OperatorChange]:
    """Read all deployments of the server, by name. Raises ServerUnreachable."""
    try:
        flows = {flow["id"]: flow["name"] for flow in api.all("/flows/filter")}
        told = api.all("/deployments/filter")
    except ApiTrouble as trouble:
        raise _unreachable() from trouble
    changes = [
        OperatorChange(
            flow=flows.get(each["flow_id"], ""),
            name=each["name"],
            paused=each["paused"],
            parameters=each["parameters"],
            schedules=[{name: schedule[name] for name in _OF_A_SCHEDULE} for schedule in each["schedules"]],
        )
        for each in told
    ]
    return sorted(changes, key=lambda change: (change.flow, change.name))


def encode(changes: Sequence[OperatorChange]) -> bytes:
    """Write changes as JSON, for people to read too."""
    return msgspec.json.format(msgspec.json.encode(changes), indent=1)


def decode(content: bytes) -> list[OperatorChange]:
    """Read what `encode` wrote; raises RequestError for anything else."""
    try:
        return msgspec.json.decode(content, type=list[OperatorChange])
    except msgspec.DecodeError:
        raise RequestError(N_("What an operator changed cannot be read in this backup. Nothing was changed.")) from None


def put_back(api: Api, changes: Sequence[OperatorChange]) -> PutBack:
    """Make the deployments of a running server what `changes` say; what it refuses of one is no matter for the others.

    Raises ServerUnreachable; what was put back until then stays, no schedule is lost, and the same can be done again.
    """
    seen = PutBack([], [], {})
    try:
        for change in changes:
            _put_back(api, change, seen)
    except ApiTrouble as trouble:
        raise _unreachable() from trouble
    return seen


def _put_back(api: Api, change: OperatorChange, seen: PutBack) -> None:
    name = f"{change.flow}/{change.name}"
    found = api.get(f"/deployments/name/{quote(change.flow, safe='')}/{quote(change.name, safe='')}")
    if found is None:
        seen.missing.append(Missing(name))
        return
    address = f"/deployments/{found['id']}"
    parameters = _known(found, change.parameters)
    step = Step.PARAMETERS
    try:
        api.change("PATCH", address, {"paused": change.paused, "parameters": parameters})
        step = Step.SCHEDULES
        _put_back_schedules(api, f"{address}/schedules", found["schedules"], change.schedules)
    except ApiTrouble as trouble:
        if not _for_good(trouble):
            raise
        seen.missing.append(Missing(name, step, trouble.status))
        return
    if unknown := sorted(set(change.parameters) - set(parameters)):
        seen.left_out[name] = unknown
    seen.done.append(name)


def _known(found: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Pick the parameters that the flow still has, as flows.deployments does: the server refuses any other."""
    known = (found.get("parameter_openapi_schema") or {}).get("properties")
    return parameters if known is None else {name: value for name, value in parameters.items() if name in known}


def _for_good(trouble: ApiTrouble) -> bool:
    """Tell whether the server would say the same when it is asked again."""
    status = trouble.status or 0
    return (
        trouble.trouble is Trouble.FAILED
        and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    )


def _put_back_schedules(api: Api, address: str, there: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Make the schedules at `address` those that are wanted. What has to go goes last: a break loses none."""
    left, new = list(there), []
    for schedule in wanted:
        same = next((each for each in left if all(each[name] == schedule[name] for name in _OF_A_SCHEDULE)), None)
        named = next((each for each in left if schedule["slug"] and each["slug"] == schedule["slug"]), None)
        if same is not None:
            left.remove(same)
        elif named is None:
            new.append(schedule)
        elif schedule["max_scheduled_runs"] is None and named["max_scheduled_runs"] is not None:
            # The server takes none for unsaid. A slug can be there once, so the old schedule gives it up.
            kept = {name: named[name] for name in _OF_A_SCHEDULE}
            api.change("PATCH", f"{address}/{named['id']}", kept | {"slug": f"{named['slug']}-{named['id']}"})
            new.append(schedule)
        else:
            api.change("PATCH", f"{address}/{named['id']}", schedule)
            left.remove(named)
    if new:
        api.change("POST", address, new)
    for schedule in left:
        try:
            api.change("DELETE", f"{address}/{schedule['id']}")
        except ApiTrouble as trouble:
            if trouble.status != HTTPStatus.NOT_FOUND:  # somebody else removed it
                raise


def _unreachable() -> ServerUnreachable:
    return ServerUnreachable(
        N_(
            "The server of flows did not answer as it should, so the schedules and parameters of its deployments could "
            "not be read or written. “{command}” says what is wrong; then run the same again."
        ),
        command=typed("doctor"),
    )
