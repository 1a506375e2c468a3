"""What a form offers to choose from, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.domain.farm import Farm


@dataclass(frozen=True, slots=True)
class Choices:
    """Seasons as they are written (`25/26`), newest first, and farms by name; crops only where a backup is asked."""

    seasons: Sequence[str] = ()
    farms: Sequence[Farm] = ()
    crops: Sequence[str] = ()
