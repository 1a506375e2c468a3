"""How a long operation tells its steps, without knowing who listens."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol


class Step(StrEnum):
    """The steps of a backup, in order, and of what is made from a snapshot: read, write, publish."""

    READ = "read"
    PORTAL = "portal"
    DOWNLOAD = "download"
    CHECK = "check"
    WRITE = "write"
    PUBLISH = "publish"


#: The steps of each kind of run, in order.
BACKUP_STEPS: Final = (Step.PORTAL, Step.DOWNLOAD, Step.CHECK, Step.WRITE, Step.PUBLISH)
PRODUCT_STEPS: Final = (Step.READ, Step.WRITE, Step.PUBLISH)


class Progress(Protocol):
    """Listens to a long operation. Called from one thread at a time."""

    def __call__(self, step: Step, done: int, total: int, /) -> None:
        """`done` of `total` parts of `step` are ready; `total` may grow, and 0 means that it is not known yet."""


def silent(_step: Step, _done: int, _total: int) -> None:
    """Listen to nothing."""
