"""The sources in memory: one copy of each for all sessions, within a bound, the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING

from app.services.tiles.kinds import load

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from app.services.tiles.kinds import Loaded


class Sources:
    """Loads sources by their paths and keeps them. Any thread may ask.

    most_bytes: of all sources together; the one that was asked for last stays whatever its size
    """

    def __init__(self, home: Path, most_bytes: int) -> None:
        self._home = home
        self._most = most_bytes
        self._kept: OrderedDict[str, Future[Loaded]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: str) -> Loaded:
        """Give a source, loaded if need be; whoever asks meanwhile waits for the same. Raises what loading does."""
        future, is_mine = self._claimed(path)
        if is_mine:
            self._load(path, future)
        return future.result()

    def ask(self, path: str, threads: Executor) -> Future[Loaded]:
        """Ask for a source, the same future for all who do; one of the threads loads it, and none waits for it."""
        future, is_mine = self._claimed(path)
        if is_mine:
            try:
                threads.submit(self._load, path, future).add_done_callback(lambda work: self._left(work, path, future))
            except RuntimeError as error:  # the threads take no more work
                self._fail(path, future, error)
        return future

    def _claimed(self, path: str) -> tuple[Future[Loaded], bool]:
        """Give the future of a source, and whether it is new, so that who asks has to see to it."""
        with self._lock:
            future = self._kept.get(path)
            is_new = future is None
            if future is None:
                future = self._kept[path] = Future()
                future.set_running_or_notify_cancel()  # nobody who goes away cancels it for others
            self._kept.move_to_end(path)
        return future, is_new

    def _left(self, work: Future[None], path: str, future: Future[Loaded]) -> None:
        """Let go who waits for work that was called off."""
        if work.cancelled():
            self._fail(path, future, CancelledError())

    def _fail(self, path: str, future: Future[Loaded], error: BaseException) -> None:
        with self._lock:  # the next one tries again
            self._kept.pop(path, None)
        future.set_exception(error)

    def peek(self, path: str) -> Loaded | None:
        """Give a source that is in memory, as the one asked for last; None for another."""
        with self._lock:
            future = self._kept.get(path)
            if future is None or not future.done() or future.exception():
                return None
            self._kept.move_to_end(path)
        return future.result()

    def __len__(self) -> int:
        return len(self._loaded())

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept."""
        return sum(loaded.rows.nbytes for _path, loaded in self._loaded())

    @property
    def is_full(self) -> bool:
        """Tell whether another source would soon push one out."""
        return self.nbytes > self._most // 2

    def trim(self) -> None:
        """Hold the bound: first what can be made again goes, of all sources alike, then sources."""
        loaded = self._loaded()
        total = sum(each.rows.nbytes for _path, each in loaded)
        for _path, each in loaded:
            if total <= self._most:
                return
            before = each.rows.nbytes
            each.rows.shed(max(0, before - (total - self._most)) // 2)
            total -= before - each.rows.nbytes
        for path, each in loaded[:-1]:
            if total <= self._most:
                return
            with self._lock:
                self._kept.pop(path, None)
            total -= each.rows.nbytes

    def _loaded(self) -> list[tuple[str, Loaded]]:
        with self._lock:
            kept = list(self._kept.items())
        return [(path, future.result()) for path, future in kept if future.done() and not future.exception()]

    def _load(self, path: str, future: Future[Loaded]) -> None:
        try:
            future.set_result(load(self._home, path))
        except BaseException as error:
            self._fail(path, future, error)
            if not isinstance(error, Exception):
                raise
        else:
            self.trim()
