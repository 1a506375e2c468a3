"""Questions to the parts: whether they are ready.

They are asked without Prefect's client, which takes two seconds to import.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

import httpx

from modules import engine_socket

if TYPE_CHECKING:
    from pathlib import Path

#: Parts speak plain HTTP. Without a context of TLS, each question would make one and read all authorities for it, which
#: takes 40 ms of a processor, ten times a second while the stack starts.
_HOW: Final[dict[str, Any]] = {"timeout": 2.0, "trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}


def answers(url: str) -> bool:
    """Tell whether a GET of `url` is answered with success."""
    try:
        return httpx.get(url, **_HOW).is_success
    except httpx.HTTPError:
        return False


def worker_is_online(prefect_api: str, pool: str) -> bool:
    """Tell whether Prefect's server knows a worker of `pool` that polls now."""
    try:
        response = httpx.post(f"{prefect_api}/work_pools/{pool}/workers/filter", json={}, **_HOW)
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
