"""What a grid is asked for with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.domain.season import Season
from modules.environments import Environment


@dataclass(frozen=True, slots=True)
class GridRequest:
    """What to make a grid of.

    season: None is the one that holds today; farms: ids or names, crops: names, none means all; resolution: 0 proposes
    one
    """

    environment: Environment
    run_id: str
    season: Season | None = None
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    resolution: int = 0
    who: str = ""
