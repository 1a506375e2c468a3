"""A farm as the portal names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Farm:
    """A campo: identity is the portal's id, the name is for people and may change."""

    id: str
    name: str
