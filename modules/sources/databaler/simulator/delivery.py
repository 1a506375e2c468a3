"""How a body reaches the client: at once, cut in the middle, or drop by drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse

from modules.sources.databaler.simulator.faults import Faults

_GEOJSON: Final = "application/geo+json"
_PIECES_PER_S: Final = 10


class Hangup(Exception):
    """Ends a connection in the middle of a body: the server closes it without another byte."""


def deliver(body: bytes, faults: Faults) -> Response:
    """Send a page, with the faults that concern bodies on their way."""
    length = {"Content-Length": str(len(body))}
    if faults.spend("cut"):
        return StreamingResponse(_cut(body), headers=length, media_type=_GEOJSON)
    if speed := faults.get("slow"):
        return StreamingResponse(_dripping(body, float(speed)), headers=length, media_type=_GEOJSON)
    return Response(body, media_type=_GEOJSON)


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise Hangup


async def _dripping(body: bytes, bytes_per_s: float) -> AsyncIterator[bytes]:
    piece = max(1, int(bytes_per_s / _PIECES_PER_S))
    for start in range(0, len(body), piece):
        yield body[start : start + piece]
        await asyncio.sleep(piece / bytes_per_s)
