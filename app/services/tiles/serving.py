"""Tiles for the web server: made in a few threads, each once however many ask for it, compressed once, and kept."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, TypeVar

from isal import igzip

from app.services.kept import Kept
from app.services.tiles.kinds import is_compared
from app.services.tiles.sources import Sources
from modules.i18n import use_language

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.services.tiles.kinds import Loaded
    from modules.i18n import Language
    from modules.tiles.request import TileAddress, Wanted

T = TypeVar("T")

#: More threads than processors only take turns. Two, so that one who waits for a disk does not hold up the others.
_THREADS: Final = max(2, os.cpu_count() or 2)
#: Of ISA-L's four; the next one takes twice the time for three hundredths less.
_LEVEL: Final = 2
#: Share of the memory that is for finished tiles.
_SHARE: Final = 0.125
#: So often the sources' memory is counted.
_COUNTED_EVERY: Final = 32


@dataclass(frozen=True, slots=True)
class Made:
    """A finished tile: gzip, empty where nothing lies, and its mark."""

    body: bytes
    etag: str


class TileService:
    """Serves the sources of a home within `memory_mb`."""

    def __init__(self, home: Path, memory_mb: int) -> None:
        most = memory_mb * 1_000_000
        self.home = home
        self.sources = Sources(home, int(most * (1 - _SHARE)))
        self._tiles: Kept[Made] = Kept(int(most * _SHARE))
        self._coming: dict[tuple[str, TileAddress, Wanted], Future[Made]] = {}
        self._lock = threading.Lock()
        #: Set when the server stops: what works in the background ends.
        self.closing = threading.Event()
        self._made = 0
        self._tile_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tiles")
        # Loading waits for disks, and comparing for minutes: neither may hold up the cards and searches of others.
        self._card_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cards")
        self._loading_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sources")
        self._comparing_threads = ThreadPoolExecutor(1, thread_name_prefix="changes")  # one is compared at a time

    def source(self, path: str) -> Future[Loaded]:
        """Load a source in a thread, unless it is there or on its way. The future raises what loading does."""
        return self.sources.ask(path, self._comparing_threads if is_compared(path) else self._loading_threads)

    def kept(self, path: str, at: TileAddress, wanted: Wanted) -> Made | None:
        """Give a tile that is finished already."""
        return self._tiles.get((path, at, wanted))

    def tile(self, path: str, loaded: Loaded, at: TileAddress, wanted: Wanted) -> Future[Made]:
        """Make a tile in a thread. The future raises RequestError for what the source does not have."""
        key = path, at, wanted
        with self._lock:
            made = self._tiles.get(key)  # it may have been finished since somebody looked
            if made is not None:
                return _done(made)
            coming = self._coming.get(key)
            if coming is None:
                coming = self._coming[key] = self._tile_threads.submit(self._make, key, loaded)
        return coming

    def run(self, work: Callable[[], T], language: Language) -> Future[T]:
        """Do something else that takes a while, in a language."""

        def speaking() -> T:
            with use_language(language):
                return work()

        return self._card_threads.submit(copy_context().run, speaking)

    def close(self) -> None:
        """Take no more work, and leave out what has not begun."""
        self.closing.set()
        for threads in (self._tile_threads, self._card_threads, self._loading_threads, self._comparing_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    def _make(self, key: tuple[str, TileAddress, Wanted], loaded: Loaded) -> Made:
        try:
            _path, at, wanted = key
            encoded = loaded.rows.tile(at, wanted)
            body = compressed(encoded)
            made = Made(body, f'"{blake2b(body, digest_size=9).hexdigest()}"')
            self._keep(key, made)
        finally:
            with self._lock:
                self._coming.pop(key, None)
        return made

    def _keep(self, key: tuple[str, TileAddress, Wanted], made: Made) -> None:
        self._tiles.put(key, made, _size(made))
        with self._lock:
            self._made += 1
            count = self._made % _COUNTED_EVERY == 0
        if count:
            self.sources.trim()


def compressed(encoded: bytes) -> bytes:
    """Compress a tile; nothing stays nothing."""
    return igzip.compress(encoded, _LEVEL, mtime=0) if encoded else b""


def _done(thing: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(thing)
    return future


def _size(made: Made) -> int:
    """Count an empty one too: there are many."""
    return len(made.body) + 500
