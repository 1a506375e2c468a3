"""How a long operation tells its steps, without knowing who listens."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol


class Step(StrEnum):
    """The steps of every kind of run, so that those of each kind follow one another."""

    READ = "read"
    PORTAL = "portal"
    DOWNLOAD = "download"
    CHECK = "check"
    CELLS = "cells"
    WRITE = "write"
    PUBLISH = "publish"


#: The steps of each kind of run, in order.
BACKUP_STEPS: Final = (Step.PORTAL, Step.DOWNLOAD, Step.CHECK, Step.WRITE, Step.PUBLISH)
KMZ_STEPS: Final = (Step.READ, Step.WRITE, Step.PUBLISH)
GRID_STEPS: Final = (Step.READ, Step.CELLS, Step.WRITE, Step.PUBLISH)


class Progress(Protocol):
    """Listens to a long operation. Called from one thread at a time."""

    def __call__(self, step: Step, done: int, total: int, /) -> None:
        """`done` of `total` parts of `step` are ready; `total` may grow, and 0 means that it is not known yet."""


def silent(_step: Step, _done: int, _total: int) -> None:
    """Listen to nothing."""
