"""The leases of Prefect's server: who has a turn. Its API tells of none; this runs in the server's own process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prefect.server.concurrency.lease_storage import get_concurrency_lease_storage

from app.stack.lost_slots import Lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

_PAGE: Final = 100
#: Expired ones are what died in the last minutes, and a turn is taken by few runs a minute.
_MOST_EXPIRED: Final = 1000


class PrefectLeases:
    """Those of the storage that the server has. Raises what that raises: redis' errors where it is away."""

    async def read(self) -> list[Lease]:
        """List them, those that ran out and are not cleared away included."""
        storage = get_concurrency_lease_storage()
        ids = {*await _all(storage.read_active_lease_ids), *await storage.read_expired_lease_ids(limit=_MOST_EXPIRED)}
        found = [await storage.read_lease(each) for each in ids]
        return [
            Lease(id=each.id, limits=frozenset(each.resource_ids), slots=each.metadata.slots, expires=each.expiration)
            for each in found
            if each is not None and each.metadata is not None
        ]

    async def revoke(self, lease_id: UUID, now: datetime) -> bool:
        """Clear one away unless its run has moved it on meanwhile; whether it is gone. The limit still counts it."""
        storage = get_concurrency_lease_storage()
        lease = await storage.read_lease(lease_id)
        if lease is not None and lease.expiration > now:
            return False
        await storage.revoke_lease(lease_id)
        return True


async def _all(read: Callable[[int, int], Awaitable[list[UUID]]]) -> list[UUID]:
    found: list[UUID] = []
    while True:
        page = await read(_PAGE, len(found))
        found += page
        if len(page) < _PAGE:
            return found
