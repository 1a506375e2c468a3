"""Who does the parts of a run's work: its own process, or Dask where the settings say so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from modules.spread import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.settings import Settings
    from modules.spread import Spread


@contextmanager
def spreading(settings: Settings) -> Iterator[Spread]:
    """Give who does the parts inside the block. Nothing of Dask is imported unless it is asked for: it takes a second.

    Raises StackError where Dask does not do them.
    """
    if settings.dask is None:
        yield HERE
        return
    from flows.dask_spread import DaskSpread

    spread = DaskSpread(settings.dask)
    try:
        yield spread
    finally:
        spread.close()
