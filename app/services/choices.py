"""What a form offers to choose from, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from modules.domain.farm import Farm


@dataclass(frozen=True, slots=True)
class Choices:
    """Seasons as they are written (`25/26`), newest first, and farms by name; crops only where a backup is asked.

    crops_of:    the crops of each farm, by its id
    other_crops: crops of farms that were not chosen
    """

    seasons: Sequence[str] = ()
    farms: Sequence[Farm] = ()
    crops: Sequence[str] = ()
    crops_of: Mapping[str, Collection[str]] = field(default_factory=dict)
    other_crops: Collection[str] = ()

    def of_farms(self, farms: Collection[str]) -> Choices:
        """Give what is left to choose among these farms, by their ids; all of it where none of them is known."""
        known = [self.crops_of[farm] for farm in farms if farm in self.crops_of]
        if not known:
            return self
        there = set().union(*known)
        crops = [crop for crop in self.crops if crop in there]
        return replace(self, crops=crops, other_crops=set(self.crops) - there)
