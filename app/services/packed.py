"""Streamlit's programs and styles, compressed once: a first visit takes 2.8 MB instead of 6."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BELOW: Final = "/static/"
#: What shrinks; fonts are compressed already.
_TEXTS: Final = (".js", ".css")
#: Of these, `If-None-Match` may be answered without a body, and `Range` has no meaning for what is sent here.
_OTHERWISE: Final = ("if-none-match", "if-modified-since", "range")
_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class _Answer:
    start: Message
    body: bytes


class Packed:
    """Sends the files below `/static/` that are text with gzip; what is compressed stays in memory.

    Streamlit sends them as they are, because it would compress them with every request anew. Their names tell what they
    hold, so nothing that is kept grows old, and only files that are there are kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, _Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or pass the request on and keep the answer."""
        if not _shrinks(scope):
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is not None:
            await _send(kept, send)
            return
        answer = await self._answer(scope, receive)
        if answer.start["status"] == 200:
            answer = self._kept[scope["path"]] = await anyio.to_thread.run_sync(_packed, answer)
        await _send(answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        said: list[Message] = []

        async def hear(message: Message) -> None:
            said.append(message)

        await self._app(scope, receive, hear)
        start, *pieces = said
        return _Answer(start, b"".join(piece.get("body", b"") for piece in pieces))


def _shrinks(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    if not scope["path"].startswith(_BELOW) or not scope["path"].endswith(_TEXTS):
        return False
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and not any(name in headers for name in _OTHERWISE)


def _packed(answer: _Answer) -> _Answer:
    body = gzip.compress(answer.body, _LEVEL, mtime=0)
    start = dict(answer.start, headers=list(answer.start["headers"]))
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(body))
    headers.add_vary_header("Accept-Encoding")
    if "etag" in headers:  # of the file as it is: what means the same in other bytes has a weak one
        headers["ETag"] = f"W/{headers['etag'].removeprefix('W/')}"
    return _Answer(start, body)


async def _send(answer: _Answer, send: Send) -> None:
    # Others change the headers of what passes them, so each time they get their own.
    await send(dict(answer.start, headers=list(answer.start["headers"])))
    await send({"type": "http.response.body", "body": answer.body})
