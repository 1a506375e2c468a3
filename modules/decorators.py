"""What tasks share: the log of their run, and how long they took in it."""

from __future__ import annotations

import logging
import time
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

#: Under a flow this logger is the run's own: the stack names it in Prefect's extra loggers.
log = logging.getLogger("tranquera")


def logged(thing: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Log how long the decorated function took, also when it fails; `thing` names it."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            began = time.monotonic()
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                log.warning("%s failed after %.1f s: %s", thing, time.monotonic() - began, type(error).__name__)
                raise
            log.info("%s took %.1f s", thing, time.monotonic() - began)
            return result

        return timed

    return decorate
