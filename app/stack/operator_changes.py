"""What an operator may change at a deployment: whether it is paused, default parameters, schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from app.stack.prefect_api import ApiTrouble
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


def put_back(api: Api, changes: Sequence[OperatorChange]) -> tuple[list[str], list[str]]:
    """Make the deployments of a running server what `changes` say.

    Returns the names of those that were, and of those that the server does not have. Raises ServerUnreachable; what was
    put back until then stays, and the same can be done again.
    """
    done, missing = [], []
    try:
        for change in changes:
            found = api.get(f"/deployments/name/{quote(change.flow, safe='')}/{quote(change.name, safe='')}")
            name = f"{change.flow}/{change.name}"
            if found is None:
                missing.append(name)
                continue
            _put_back(api, found, change)
            done.append(name)
    except ApiTrouble as trouble:
        raise _unreachable() from trouble
    return done, missing


def _put_back(api: Api, found: dict[str, Any], change: OperatorChange) -> None:
    address = f"/deployments/{found['id']}"
    api.change("PATCH", address, {"paused": change.paused, "parameters": change.parameters})
    for schedule in found["schedules"]:
        api.change("DELETE", f"{address}/schedules/{schedule['id']}")
    if change.schedules:
        api.change("POST", f"{address}/schedules", change.schedules)


def _unreachable() -> ServerUnreachable:
    return ServerUnreachable(
        N_(
            "The server of flows did not answer as it should, so the schedules and parameters of its deployments could "
            "not be read or written. “{command}” says what is wrong; then run the same again."
        ),
        command=typed("doctor"),
    )
