"""Turns that no run has and nobody gives back: every later run of that deployment would wait for ever.

Prefect's server counts a turn in its database first. Who has it, a lease, it writes after that, and elsewhere: in redis
or, embedded, in files. Redis that is away just then, a power cut, or a database that was saved while a run had its
turn and is put back leave a count without a lease, and Prefect's own clearing goes by leases. So it is corrected here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from modules.environments import Environment
from modules.run_protocol import TURN_LEASE_S, limit_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import httpx

_log = logging.getLogger("prefect.server.caretaker")

#: A run whose lease is lost while it runs hears of that when it renews it, and needs a while to end.
_PATIENCE: Final = timedelta(seconds=TURN_LEASE_S + 30)
#: How long the leases may take to be read.
_READING_S: Final = 5.0
_PAGE: Final = 100


class LostSlots:
    """Remembers since when limits count turns that nobody has.

    held: tells how many turns of each limit a lease stands for, by the limit's id; may raise anything
    """

    def __init__(self, held: Callable[[], Awaitable[Counter[UUID]]]) -> None:
        self._held = held
        self._since: dict[str, datetime] = {}

    async def give_back(self, client: httpx.AsyncClient, now: datetime | None = None) -> int:
        """Correct limits that counted too many turns for a while; returns how many.

        Where leases cannot be read, nothing is known of any turn, and all is left as it is. While a limit counts too
        much nobody can take a turn of it, so what was read is still so when it is corrected; by one server only.
        """
        now = now or datetime.now(UTC)
        counted = await _counted(client)
        try:
            held = await asyncio.wait_for(self._held(), _READING_S) if counted else Counter()
        except Exception as error:  # noqa: BLE001  (redis is away; what a storage raises is not listed)
            self._since.clear()
            _log.warning("Who has a turn could not be looked up: %r", error)
            return 0
        lost = {each["id"]: each for each in counted if held[UUID(each["id"])] < each["active_slots"]}
        self._since = {limit: self._since.get(limit, now) for limit in lost}
        given_back = [each for limit, each in lost.items() if now - self._since[limit] >= _PATIENCE]
        for each in given_back:
            correct = {"active_slots": held[UUID(each["id"])]}
            (await client.patch(f"/v2/concurrency_limits/{each['id']}", json=correct)).raise_for_status()
            _log.warning("%s counted a turn that no run has; it was given back", each["name"])
        return len(given_back)


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
