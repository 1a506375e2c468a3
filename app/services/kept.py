"""What many ask for again and again, kept in memory within a bound: one copy for all sessions."""

from __future__ import annotations

from threading import RLock
from typing import Generic, TypeVar

from cachetools import LRUCache

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """Things by their keys, the one asked for least recently goes first. Any thread may ask.

    most: what all may weigh together. A thing heavier than half of that counts as half: what is looked at stays, and
    with it what is looked at beside it, however large it is.
    """

    def __init__(self, most: int) -> None:
        half = max(most // 2, 1)
        self._things: LRUCache[object, tuple[Thing, int]] = LRUCache(most, getsizeof=lambda kept: min(kept[1], half))
        self._lock = RLock()

    def get(self, key: object) -> Thing | None:
        """Give what is kept, as what was asked for last."""
        with self._lock:
            kept = self._things.get(key)
        return None if kept is None else kept[0]

    def put(self, key: object, thing: Thing, weight: int) -> None:
        """Keep a thing, in the place of one of the same key."""
        with self._lock:
            self._things.pop(key, None)
            self._things[key] = (thing, weight)
