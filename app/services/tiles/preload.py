"""What is loaded at the start, so that the first visitor waits no longer than a later one."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from app.services.tiles.kinds import grid_source
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.h3_grid.stored import list_grids
from modules.snapshots.store import SnapshotStore
from modules.storage.roots import Folder, root_of
from modules.tiles.request import TileAddress, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.services.tiles.kinds import Rows
    from app.services.tiles.serving import TileService

_log = logging.getLogger(__name__)

#: After the fields, in the order of what people look at.
_OTHERS: Final = (Layer.ZONES, Layer.MARKERS, Layer.AREAS)
_ENVIRONMENTS: Final = (Environment.PRODUCTION, Environment.TEST)
#: Tiles of these zooms are drawn as well: whole farms and more, which take longest.
_LAST_ZOOM: Final = 9
_MOST_TILES: Final = 150
_QUIET_S: Final = 5.0


def preload(service: TileService, quiet_s: float = _QUIET_S) -> None:
    """Load the newest snapshot of each environment, fields first, then the newest grid, as far as the memory goes.

    quiet_s: so long is waited before their coarse tiles are drawn: whoever came with the start needs the processor, and
    of those tiles only the few of one view
    """
    loaded = []
    for path in _paths(service.home):
        if service.closing.is_set() or service.sources.is_full:
            break
        try:
            loaded.append(service.sources.get(path).rows)
        except (TranqueraError, OSError) as error:
            _log.warning("not preloaded: %s: %s", path, error)
    service.closing.wait(quiet_s)
    for rows in loaded:
        _draw_coarse(service, rows)


def _draw_coarse(service: TileService, rows: Rows) -> None:
    """Let a source draw its tiles of the first zooms, from the coarsest on, where anything lies."""
    waiting = deque([TileAddress(0, 0, 0)])
    drawn = 0
    while waiting and drawn < _MOST_TILES and not service.closing.is_set() and not service.sources.is_full:
        at = waiting.popleft()
        drawn += 1
        if rows.tile(at, Wanted()) and at.z < _LAST_ZOOM:
            x, y = 2 * at.x, 2 * at.y
            waiting.extend(TileAddress(at.z + 1, x + dx, y + dy) for dy in (0, 1) for dx in (0, 1))


def _paths(home: Path) -> Iterator[str]:
    snapshots = [path for environment in _ENVIRONMENTS if (path := _newest(home, environment))]
    yield from (f"{path}/{Layer.FIELDS}" for path in snapshots)
    for layer in _OTHERS:
        yield from (f"{path}/{layer}" for path in snapshots)
    for environment in _ENVIRONMENTS:
        grids = [grid for grid in list_grids(root_of(home, environment) / Folder.H3) if grid.resolution]
        yield from (grid_source(environment, grid) for grid in grids[:1])


def _newest(home: Path, environment: Environment) -> str | None:
    """Tell the newest snapshot of all farms."""
    published = SnapshotStore(home, environment).published()
    newest = next((each for each in published if each.scope.whole), None)
    return None if newest is None else f"{environment}/{newest.id}"
