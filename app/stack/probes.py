"""Questions to the parts: whether they are ready.

They are asked without Prefect's client, which takes two seconds to import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import httpx

from modules import engine_socket

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 2.0


@cache
def _client() -> httpx.Client:
    """One for all questions: each would read all authorities of TLS anew, 40 ms, ten times a second while parts start.

    A connection is not kept, as a part may be another one at the next question.
    """
    return httpx.Client(timeout=_TIMEOUT_S, trust_env=False, headers={"Connection": "close"})


def answers(url: str) -> bool:
    """Tell whether a GET of `url` is answered with success."""
    try:
        return _client().get(url).is_success
    except httpx.HTTPError:
        return False


def worker_is_online(prefect_api: str, pool: str) -> bool:
    """Tell whether Prefect's server knows a worker of `pool` that polls now."""
    try:
        response = _client().post(f"{prefect_api}/work_pools/{pool}/workers/filter", json={})
        return response.is_success and any(worker["status"] == "ONLINE" for worker in response.json())
    except httpx.HTTPError:
        return False


def engine_listens(home: Path) -> bool:
    """Tell whether the warm engine of `home` takes connections."""
    try:
        engine_socket.connect(engine_socket.folder_in(str(home))).close()
    except OSError:
        return False
    return True
