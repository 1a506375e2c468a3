"""What tasks share: the log of their run, what they did in it, and our words for what a library raises."""

from __future__ import annotations

import logging
import time
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from modules.errors import TranqueraError
from modules.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

#: Under a flow this logger is the run's own: the stack names it in Prefect's extra loggers.
log = logging.getLogger("tranquera")


def logged(thing: str, rows: Callable[[R], tuple[int, int]]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Log how long the decorated function took, also when it fails, and its rows in and out.

    thing: what it makes, by the name that people know it by; rows: counts those of its result

    What is not ours (a bug, or an error of a library that no module expected) goes to the log with its traceback and
    becomes a TranqueraError that names the thing.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            began = time.monotonic()
            try:
                result = function(*args, **kwargs)
            except TranqueraError as error:
                log.warning("%s failed after %.1f s: %s", thing, time.monotonic() - began, error.code)
                raise
            except Exception as error:
                log.exception("%s failed after %.1f s", thing, time.monotonic() - began)
                raise TranqueraError(
                    N_(
                        "“{thing}” stopped because of an error in the program ({kind}). What was saved before stays as "
                        "it was. The technical log of this run has the details for whoever maintains the system."
                    ),
                    thing=thing,
                    kind=type(error).__name__,
                ) from error
            rows_in, rows_out = rows(result)
            log.info("%s took %.1f s: %d rows in, %d out", thing, time.monotonic() - began, rows_in, rows_out)
            return result

        return told

    return decorate
