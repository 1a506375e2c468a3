"""The sources in memory: one copy of each for all sessions, within a bound, the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

from app.services.tiles.kinds import load

if TYPE_CHECKING:
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
        with self._lock:
            future = self._kept.get(path)
            mine = future is None
            if future is None:
                future = self._kept[path] = Future()
            self._kept.move_to_end(path)
        if mine:
            self._load(path, future)
        return future.result()

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
            with self._lock:  # the next one tries again
                self._kept.pop(path, None)
            future.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            self.trim()
