"""What Prefect's server is asked to do for its runs, by itself, at its start and four times a minute.

missed_runs   of runs that nobody could start, one for each deployment is enough
silent_runs   runs whose process is gone
unbegun_runs  runs that never get one
lost_slots    turns that no run has, for which the next one would wait for ever

Several servers may do it at once, it is the same; but for the turns: two that give back one and the same might take it
from the run that got it in between. One server does that.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import httpx

from app.stack.missed_runs import skip_missed
from app.stack.silent_runs import end_silent
from app.stack.unbegun_runs import UnbegunRuns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.stack.lost_slots import LostSlots

_log = logging.getLogger("prefect.server.caretaker")

_EVERY_S: Final = 15.0


class Caretaker:
    """Prefect's server, which looks after its runs; and after lost turns, where it is the one to do that."""

    def __init__(self, app: ASGIApp, lost_slots: LostSlots | None = None) -> None:
        self._app = app
        self._unbegun = UnbegunRuns()
        self._lost_slots = lost_slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; missed runs are looked for between the server's start and its first request."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        watching: asyncio.Task[None] | None = None

        async def watch_and_send(message: Message) -> None:
            nonlocal watching
            if message["type"] == "lifespan.startup.complete":
                # A task of its own: this one is the server's start, which holds a thread of the pool that routes need.
                await asyncio.create_task(self._look([skip_missed]))
                watching = asyncio.create_task(self._watch())
            await send(message)

        try:
            await self._app(scope, receive, watch_and_send)
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    async def _watch(self) -> None:
        after = [skip_missed, end_silent, self._unbegun.end]
        if self._lost_slots is not None:
            after.append(self._lost_slots.give_back)
        while True:
            await asyncio.sleep(_EVERY_S)
            await self._look(after)

    async def _look(self, after: Iterable[Callable[[httpx.AsyncClient], Awaitable[int]]]) -> None:
        """Do each of `after`; what goes wrong is said, and tried again the next time.

        Whatever it is: nobody would notice that this loop has ended, and runs would say Running for ever.
        """
        async with self._client() as client:
            for each in after:
                try:
                    await each(client)
                except httpx.HTTPError as error:  # the database is gone for a while, say
                    _log.warning("Runs could not be looked after: %r", error)
                except Exception:  # noqa: BLE001
                    _log.exception("Runs could not be looked after")

    def _client(self) -> httpx.AsyncClient:
        """Make a client of the API inside this process."""
        password = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
        headers = {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}"} if password else {}
        # What goes wrong inside, as when the database is gone, is an answer like any other.
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://prefect/api", headers=headers)
