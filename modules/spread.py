"""Long work in parts, which may be done elsewhere: here, or by whoever takes them.

`modules` know nothing of who does: `flows.spreading` hands parts to Dask.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Part = TypeVar("Part")
Made = TypeVar("Made")


class Spread(Protocol):
    """Does parts of a work. Those that other processes do are pickled, and so is what is made of them."""

    @property
    def parts(self) -> int:
        """Into how many parts to cut a work; 1 is all of it at once, in this process, with all of its threads."""

    def __call__(self, function: Callable[[Part], Made], parts: Sequence[Part], /) -> Generator[Made, None, None]:
        """Do each part, by a function of a module; give what is made of them in the order in which it is ready.

        Raises what the function raises, StackError where nobody does the parts. When it is closed or has raised, no
        part is begun any more; one that a process of somebody else's scheduler is at may still be ended there.
        """


class Here:
    """Does one part after another in this process."""

    parts: Final = 1

    def __call__(self, function: Callable[[Part], Made], parts: Sequence[Part], /) -> Generator[Made, None, None]:
        """Do each when it is asked for."""
        for part in parts:
            yield function(part)


HERE: Final = Here()


def cut(work: NDArray[np.float64] | NDArray[np.int64], parts: int) -> list[tuple[int, int]]:
    """Cut n things into at most `parts` runs of about equal work: the first of each, and the one after its last.

    work: shape (n,), of each, more than 0
    """
    done = np.cumsum(work, dtype=np.float64)
    if not len(done):
        return []
    shares = done[-1] * np.arange(1, parts) / parts
    cuts = np.unique([0, *np.searchsorted(done, shares, side="left") + 1, len(done)])
    return list(pairwise(cuts.tolist()))
