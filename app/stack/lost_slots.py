"""Turns that no run has and nobody gives back: every later run of that deployment would wait for ever.

Prefect's server counts a turn in its database first. Who has it, a lease, it writes after that, and elsewhere: in redis
or, embedded, in files. Redis that is away just then, a power cut, or a database that was saved while a run had its
turn and is put back leave a count without a lease, and Prefect's own clearing goes by leases. So it is corrected here.

A lease that ran out, as its run died, is cleared away by Prefect itself, within some 20 s. But where a power cut caught
it at that, its queue of tasks gives that task out again five minutes later only; and while the background services are
stopped nobody does it. So those that ran out longer ago are cleared away here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from modules.environments import Environment
from modules.run_protocol import TURN_LEASE_S, limit_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

_log = logging.getLogger("prefect.server.caretaker")

#: A run whose lease is lost while it runs hears of that when it renews it, and needs a while to end.
_PATIENCE: Final = timedelta(seconds=TURN_LEASE_S + 30)
#: A lease that ran out this long ago is none that Prefect is about to clear away: it looks every 15 s.
_OVERDUE: Final = timedelta(seconds=30)
#: Prefect may be at that very lease all the same, and then gives its turn back once more. It should be done by then.
_SETTLING: Final = timedelta(seconds=10)
#: How long the leases may take to be read.
_READING_S: Final = 5.0
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Lease:
    """Turns of limits that a run has.

    limits: their ids; slots: how many turns of each; expires: UTC, a run that lives moves it on
    """

    id: UUID
    limits: frozenset[UUID]
    slots: int
    expires: datetime


class Leases(Protocol):
    """Where Prefect's server keeps them. Both may raise anything."""

    async def read(self) -> list[Lease]:
        """List all, those that ran out included."""

    async def revoke(self, lease_id: UUID, now: datetime) -> bool:
        """Clear one away unless it was moved on meanwhile; whether it is gone. One that was gone is no error."""


class LostSlots:
    """Remembers from when on limits that count turns which nobody has are corrected."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._due: dict[str, datetime] = {}

    async def give_back(self, client: httpx.AsyncClient, now: datetime | None = None) -> int:
        """Correct limits that counted too many turns for a while; returns how many.

        Where leases cannot be read, nothing is known of any turn, and all is left as it is. While a limit counts too
        much nobody can take a turn of it, so what was read is still so when it is corrected; by one server only.
        """
        now = now or datetime.now(UTC)
        counted = await _counted(client)
        try:
            held, revoked = await self._clear_overdue({UUID(each["id"]) for each in counted}, now)
        except Exception as error:  # noqa: BLE001  (redis is away; what a storage raises is not listed)
            self._due.clear()
            _log.warning("Who has a turn could not be looked up: %r", error)
            return 0
        lost = [each for each in counted if held[UUID(each["id"])] < each["active_slots"]]
        due = {each["id"]: now + (_SETTLING if UUID(each["id"]) in revoked else _PATIENCE) for each in lost}
        self._due = {limit: min(self._due.get(limit, later), later) for limit, later in due.items()}
        given_back = [each for each in lost if now >= self._due[each["id"]]]
        for each in given_back:
            correct = {"active_slots": held[UUID(each["id"])]}
            (await client.patch(f"/v2/concurrency_limits/{each['id']}", json=correct)).raise_for_status()
            # What is counted from here on is another run's, and has all of its time to be given a lease.
            del self._due[each["id"]]
            _log.warning("%s counted a turn that no run has; it was given back", each["name"])
        return len(given_back)

    async def _clear_overdue(self, limits: set[UUID], now: datetime) -> tuple[Counter[UUID], set[UUID]]:
        """Revoke overdue leases; count the turns that the others stand for, and name the limits of those revoked."""
        held: Counter[UUID] = Counter()
        revoked: set[UUID] = set()
        if not limits:
            return held, revoked
        async with asyncio.timeout(_READING_S):
            for lease in await self._leases.read():
                overdue = lease.limits <= limits and now - lease.expires >= _OVERDUE
                if overdue and await self._leases.revoke(lease.id, now):
                    revoked |= lease.limits
                else:
                    held.update(dict.fromkeys(lease.limits, lease.slots))
        return held, revoked


async def _counted(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """List the limits by which deployments take turns and that count one. Others' may be held without any lease."""
    counted = [each async for each in _all(client, "/v2/concurrency_limits/filter") if each["active_slots"]]
    if not counted:
        return []
    deployments = [each["name"] async for each in _all(client, "/deployments/filter")]
    turns = {limit_name(name, environment) for name in deployments for environment in Environment}
    return [each for each in counted if each["name"] in turns]


async def _all(client: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    offset = 0
    while True:
        answer = await client.post(path, json={"limit": _PAGE, "offset": offset})
        answer.raise_for_status()
        page = answer.json()
        for each in page:
            yield each
        offset += len(page)
        if len(page) < _PAGE:
            return
