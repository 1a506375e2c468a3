"""What a snapshot covers: an environment, a season and a set of farms. Only equal scopes are compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from modules.domain.season import Season
from modules.environments import Environment


@dataclass(frozen=True, slots=True)
class Scope:
    """Environment, season and ids of farms; no farms means all of them."""

    environment: Environment
    season: Season
    farms: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Tell whether it covers all farms; only such a snapshot touches the folders of current files."""
        return not self.farms

    @property
    def key(self) -> str:
        """A short name for locks and temporaries, the same for the same set of farms in one season."""
        if self.whole:
            return "todos"
        return hashlib.blake2b("\n".join(sorted(self.farms)).encode(), digest_size=4).hexdigest()
