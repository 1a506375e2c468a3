"""Prefect's server of a stack, asked over plain HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.2
#: One for all questions, as a client for each would read all authorities of TLS anew. No connection is kept: tests kill
#: servers.
_CLIENT: Final = httpx.Client(timeout=_PATIENCE_S, trust_env=False, headers={"Connection": "close"})


def ask(api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Ask, again for as long as the server says that SQLite is busy, as Prefect's own client does.

    Gives what the answer holds, None where that is nothing; raises httpx.HTTPStatusError for any other refusal.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        answer = _CLIENT.request(method, api + path, json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        time.sleep(_PAUSE_S)
