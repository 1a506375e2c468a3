"""Parts of a work done as other processes do them: pickled both ways, and ready in another order."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Elsewhere:
    """A `modules.spread.Spread`."""

    parts: int

    def __call__(self, function: Callable[[Any], Any], parts: Sequence[Any], /) -> Generator[Any, None, None]:
        sent = [pickle.dumps((function, part)) for part in parts]
        for content in reversed(sent):
            does, part = pickle.loads(content)  # noqa: S301  (our own)
            yield pickle.loads(pickle.dumps(does(part)))  # noqa: S301
