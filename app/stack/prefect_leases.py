"""The leases of Prefect's server: who has a turn. Its API tells of none; this runs in the server's own process."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from prefect.server.concurrency.lease_storage import get_concurrency_lease_storage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

_PAGE: Final = 100
#: Expired ones are no more than died in the last minute: Prefect clears them away every few seconds.
_MOST_EXPIRED: Final = 1000


async def held_turns() -> Counter[UUID]:
    """Count the turns of each limit that a lease stands for. One that ran out does so until Prefect clears it away.

    Raises what the storage raises: redis' errors where it is away.
    """
    storage = get_concurrency_lease_storage()
    leases = {*await _all(storage.read_active_lease_ids), *await storage.read_expired_lease_ids(limit=_MOST_EXPIRED)}
    held: Counter[UUID] = Counter()
    for lease_id in leases:
        lease = await storage.read_lease(lease_id)
        if lease is not None and lease.metadata is not None:
            for limit in lease.resource_ids:
                held[limit] += lease.metadata.slots
    return held


async def _all(read: Callable[[int, int], Awaitable[list[UUID]]]) -> list[UUID]:
    found: list[UUID] = []
    while True:
        page = await read(_PAGE, len(found))
        found += page
        if len(page) < _PAGE:
            return found
