"""What takes long to make: each thing once, in a thread, for all who ask, and kept within a bound of memory."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from traceback import clear_frames
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from app.services.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Thing = TypeVar("Thing")

#: What failed may go well later; it is not tried again with each look.
_FAILURE_KEPT_S: Final = 60
#: About what a failure weighs that holds on to nothing.
_FAILURE_WEIGHT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Work(Generic[Thing]):
    """Work under way or ended. failed_at: when it failed, in seconds of `time.monotonic`."""

    future: Future[Thing]
    failed_at: float | None = None

    @property
    def is_stale(self) -> bool:
        """Tell whether it failed so long ago that it is worth another try."""
        return self.failed_at is not None and time.monotonic() - self.failed_at > _FAILURE_KEPT_S


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
                work = _Work(self._pool.submit(self._make, key, make))
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
            self._works.put(key, _Work(future), self._weigh(thing))

    def close(self) -> None:
        """Take no more work, and leave out what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _make(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        try:
            thing = make()
        except BaseException as error:
            _let_go(error)
            self._ended(key, _FAILURE_WEIGHT, failed_at=time.monotonic())
            raise
        self._ended(key, self._weigh(thing))
        return thing

    def _ended(self, key: Hashable, weight: int, *, failed_at: float | None = None) -> None:
        """Count work for what it weighs, now that it is known."""
        with self._lock:
            work = self._works.get(key)
            if work is not None:
                self._works.put(key, replace(work, failed_at=failed_at), weight)


def _let_go(error: BaseException | None) -> None:
    """Free what the calls held that an error went through: a kept failure would keep whole files in memory."""
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
