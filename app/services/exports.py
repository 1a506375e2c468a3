"""Exports that people ask for in the dashboard: made beside the pages, kept for a day, fetched by a token.

They are made in threads of their own, two at a time: the libraries that read and write do not hold up the pages of
others. What is asked for more than that waits for its turn.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from typing import TYPE_CHECKING, Final

from modules.errors import StorageError
from modules.i18n import N_
from modules.snapshots.store import SnapshotStore
from modules.storage.atomic import remove
from modules.storage.pickup import new_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modules.environments import Environment
    from modules.export import ExportResult
    from modules.progress import Progress, Step
    from modules.snapshots.store import Snapshot

_AT_ONCE: Final = 2


class Job:
    """An export under way or ended, in the language of who asked for it.

    step: what it does; None while it waits for its turn
    """

    def __init__(self, home: Path, make: Callable[[Path, Progress], ExportResult]) -> None:
        self.step: Step | None = None
        self._home = home
        self._make = make
        self._future: Future[ExportResult] = _pool().submit(copy_context().run, self._run)

    def ended(self, patience_s: float = 0) -> bool:
        """Tell whether it has ended, or does so within a time."""
        return bool(wait([self._future], timeout=patience_s).done)

    def result(self) -> ExportResult:
        """Give the result of one that has ended. Raises what the export raised."""
        return self._future.result()

    def _run(self) -> ExportResult:
        try:
            place = new_place(self._home)
        except OSError as error:
            raise StorageError(
                N_("There is no room for the export. Check that the disk has space and may be written to.")
            ) from error
        try:
            return self._make(place, self._heard)
        except BaseException:
            remove(place)
            raise

    def _heard(self, step: Step, _done: int, _total: int) -> None:
        self.step = step


def address_of(result: ExportResult) -> str:
    """Tell the address under which the web server sends an export."""
    return f"/exports/{result.path.parent.name}"


def snapshots(home: Path, environment: Environment) -> list[Snapshot]:
    """List what can be exported from, the one first that is proposed, the others newest first."""
    from modules.export import newest_snapshot

    store = SnapshotStore(home, environment)
    published = store.published()
    if not published:
        return []
    proposed = newest_snapshot(store)
    return [proposed, *(each for each in published if each.id != proposed.id)]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="export")
