"""The leases of Prefect's server: who has a turn. Its API tells of none; this runs in the server's own process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prefect.server.concurrency.lease_storage import get_concurrency_lease_storage

from app.stack.lost_slots import Lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

_PAGE: Final = 100
#: Expired ones are no more than died in the last minutes: they are cleared away every few seconds.
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

    async def revoke(self, lease_id: UUID) -> None:
        """Clear one away. The limit goes on counting its turns."""
        await get_concurrency_lease_storage().revoke_lease(lease_id)


async def _all(read: Callable[[int, int], Awaitable[list[UUID]]]) -> list[UUID]:
    found: list[UUID] = []
    while True:
        page = await read(_PAGE, len(found))
        found += page
        if len(page) < _PAGE:
            return found
