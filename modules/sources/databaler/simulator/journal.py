"""What was asked of the simulator: tests count requests by it."""

from __future__ import annotations

from collections import deque
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from modules.sources.databaler.contract import SIMULATOR_HEADER

_LONGEST: Final = 100_000


class Journal:
    """The latest requests, each as `METHOD path?query` with the status it got."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, int]] = deque(maxlen=_LONGEST)

    def note(self, line: str, status: int) -> None:
        """Write a request down."""
        self._lines.append((line, status))

    def asked(self, part: str = "") -> list[str]:
        """List the requests whose line contains `part`, oldest first."""
        return [line for line, _status in list(self._lines) if part in line]

    def statuses(self, part: str = "") -> list[int]:
        """List the statuses these requests got."""
        return [status for line, status in list(self._lines) if part in line]

    def clear(self) -> None:
        """Forget everything."""
        self._lines.clear()


class JournalMiddleware:
    """Notes every request and marks every answer as the simulator's."""

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        line = f"{scope['method']} {scope['path']}{query}"

        async def noting(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._journal.note(line, message["status"])
                MutableHeaders(scope=message)[SIMULATOR_HEADER] = "1"
            await send(message)

        await self._app(scope, receive, noting)
