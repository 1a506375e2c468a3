"""What is loaded at the start, so that the first visitor waits no longer than a later one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.snapshots.store import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.services.tiles.serving import TileService

_log = logging.getLogger(__name__)

#: In the order of what people look at first.
_LAYERS: Final = (Layer.FIELDS, Layer.ZONES, Layer.MARKERS, Layer.AREAS)


def preload(service: TileService) -> None:
    """Load the current snapshot of each environment, fields first, as far as the memory goes."""
    for path in _paths(service.home):
        try:
            service.sources.get(path)
        except TranqueraError as error:
            _log.warning("%s: %s", path, error)
        if service.sources.is_full:
            return


def _paths(home: Path) -> Iterator[str]:
    current = [_current(home, environment) for environment in (Environment.PRODUCTION, Environment.TEST)]
    for layer in _LAYERS:
        yield from (f"{source}/{layer}" for source in current if source is not None)


def _current(home: Path, environment: Environment) -> str | None:
    """Tell the newest snapshot of all farms."""
    published = SnapshotStore(home, environment).published()
    newest = next((each for each in published if each.scope.whole), None)
    return None if newest is None else f"{environment}/{newest.id}"
