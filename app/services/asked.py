"""What takes long to make: each thing once, in a thread, for all who ask, and kept within a bound of memory."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from app.services.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Thing = TypeVar("Thing")

#: What failed may go well later; it is not tried again with each look.
_FAILURE_KEPT_S: Final = 60


@dataclass(frozen=True, slots=True)
class _Work(Generic[Thing]):
    """Work under way or ended, and when it was asked for, in seconds of `time.monotonic`."""

    future: Future[Thing]
    since: float

    @property
    def is_stale(self) -> bool:
        """Tell whether it failed so long ago that it is worth another try."""
        failed = self.future.done() and self.future.exception() is not None
        return failed and time.monotonic() - self.since > _FAILURE_KEPT_S


class Asked(Generic[Thing]):
    """Things by their keys, made one at a time: making takes memory.

    most:  what all may weigh together, by `weigh`; the one asked for least recently goes first
    """

    def __init__(self, most: int, weigh: Callable[[Thing], int], *, name: str) -> None:
        self._weigh = weigh
        self._works: Kept[_Work[Thing]] = Kept(most)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def ask(self, key: Hashable, make: Callable[[], Thing]) -> Future[Thing]:
        """Give the thing, which may be on its way, the same to all who ask; the future raises what making does."""
        with self._lock:
            work = self._works.get(key)
            if work is None or work.is_stale:
                work = _Work(self._pool.submit(self._make, key, make), time.monotonic())
                self._works.put(key, work, 0)
            return work.future

    def run(self, make: Callable[[], Thing]) -> Thing:
        """Make a thing in its turn and keep nothing; who asks waits for it."""
        return self._pool.submit(make).result()

    def put(self, key: Hashable, thing: Thing) -> None:
        """Keep a thing that somebody made."""
        future: Future[Thing] = Future()
        future.set_result(thing)
        with self._lock:
            self._works.put(key, _Work(future, time.monotonic()), self._weigh(thing))

    def _make(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        thing = make()
        with self._lock:
            work = self._works.get(key)
            if work is not None:  # now it is known what it weighs
                self._works.put(key, work, self._weigh(thing))
        return thing
