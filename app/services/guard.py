"""The guard around a server of ours: the dashboard's, and Prefect's, which has none of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from app.services.access import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

_POLICY_VIOLATION: Final = 1008  # RFC 6455, 7.4.1


class Guard:
    """Lets in only requests to this machine's own names, and writing only from the server's own pages.

    `sentence` says to a browser that is refused what to do; `names` are host names that are let in as well.
    """

    def __init__(self, app: ASGIApp, sentence: Callable[[], str], names: Collection[str] = frozenset()) -> None:
        self._app = app
        self._sentence = sentence
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it; websockets count as writing."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = scope["method"] if scope["type"] == "http" else "WEBSOCKET"
        status = refusal(method, headers.getlist("host"), headers.getlist("origin"), self._names)
        if status is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            answer = PlainTextResponse(self._sentence(), status, {"X-Content-Type-Options": "nosniff"})
            await answer(scope, receive, send)
