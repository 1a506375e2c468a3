"""The sign of life of Prefect's background services as a file, which the dashboard can see.

The true sign is in redis, which only Prefect's server and its services reach (docs/decisions/0013). The services'
health check, which looks there, renews the file. Imports next to nothing, as a health check does.
"""

from __future__ import annotations

import os
import time
from typing import Final

_SIGN: Final = ("logs", "prefect-services", "alive")


def renew(home: str | os.PathLike[str]) -> None:
    """Say that the services live. Raises OSError where their folder of logs cannot be written."""
    sign = os.path.join(home, *_SIGN)  # noqa: PTH118
    os.makedirs(os.path.dirname(sign), exist_ok=True)  # noqa: PTH103, PTH120
    now = time.time()  # of this machine: a file server may have another
    with open(sign, "ab"):  # noqa: PTH123
        os.utime(sign, (now, now))


def last_seen(home: str | os.PathLike[str]) -> float | None:
    """Tell when the services last said that they live, in seconds since 1970; None where nobody says so here."""
    try:
        return os.stat(os.path.join(home, *_SIGN)).st_mtime  # noqa: PTH116, PTH118
    except OSError:
        return None
