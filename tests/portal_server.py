"""A portal in bare sockets that answers whatever a test wants, also what no HTTP library would send.

One request a connection, each in a thread of its own. The answer function gets the request and gives the bytes to send,
in one piece or several; `Reset` ends the connection hard. Where the answer is always the same, it is given as it is.
"""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.settings import PortalSettings
from modules.sources.base import FetchedLayer
from modules.sources.databaler.client import Portal
from modules.sources.databaler.simulator.running import RunningPortal
from modules.sources.databaler.waiting import Clock

CANARY = "canary-3f9d1c"
SEASON = Season(2025)


class Reset(Exception):
    """Raised by an answer: the connection ends with RST."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: `path` without the query, header names in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def page(self) -> int:
        return int(self.query.get("page", ["1"])[0])


Answer = bytes | Callable[[Asked], bytes | Iterable[bytes]]


@dataclass
class PortalServer:
    """A running server; `asked` tells what came, in order. `answer` may be changed between requests."""

    url: str
    answer: Answer
    asked: list[Asked] = field(default_factory=list)

    def settings(self, **changes: Any) -> PortalSettings:
        """Settings of a client with a fixed token, short waits and a small page."""
        usual: dict[str, Any] = {"url": self.url, "token": SecretStr(CANARY), "backoff_s": 0.01, "page_size": 2}
        return PortalSettings(**{**usual, **changes})

    def pages(self) -> list[int]:
        """The numbers of the pages that were asked for, in order."""
        return [asked.page for asked in self.asked]


@contextmanager
def portal_server(answer: Answer) -> Iterator[PortalServer]:
    """Serve on a free port of 127.0.0.1 as long as the block runs."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = _read(self.rfile)
            if asked is None:
                return
            running.asked.append(asked)
            try:
                answered = running.answer(asked) if callable(running.answer) else running.answer
                for piece in [answered] if isinstance(answered, bytes) else answered:
                    self.wfile.write(piece)
            except Reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            except OSError:
                pass  # the client has gone, which some tests are about

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def shutdown_request(self, request: Any) -> None:
            if request.fileno() != -1:
                super().shutdown_request(request)

    with Server(("127.0.0.1", 0), Handler) as server:
        running = PortalServer(f"http://127.0.0.1:{server.server_address[1]}", answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join(5)


def fetch(
    server: PortalServer | RunningPortal,
    layer: Layer = Layer.FIELDS,
    season: Season = SEASON,
    farms: Sequence[str] = (),
    *,
    sink: Sink | None = None,
    clock: Clock | None = None,
    **settings: Any,
) -> FetchedLayer:
    """Fetch a layer with a client of its own."""
    chosen = server.settings(**settings)
    portal = Portal(chosen, str(chosen.url), clock or Waits().clock())
    try:
        return portal.fetch(layer, season, farms, raw=sink or Sink(), on_page=_nobody_listens)
    finally:
        portal.close()


def http(body: bytes, status: str = "200 OK", kind: str = "application/geo+json", **headers: str) -> bytes:
    """A whole answer. Headers are written with underscores: `Retry_After="3"`."""
    told = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    return head(status, told) + body


def head(status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """The first lines of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def collection(features: Sequence[Any], total: int, next_link: str | None = None, **more: Any) -> bytes:
    """A page of features as JSON."""
    page = {"type": "FeatureCollection", "features": list(features), "total": total, "next": next_link, **more}
    return json.dumps(page, ensure_ascii=False).encode()


def lote(number: int, **properties: Any) -> dict[str, Any]:
    """A field that keeps the contract."""
    west, south = -60 + number * 0.02, -34.0
    ring = [[west, south], [west + 0.01, south], [west + 0.01, south + 0.01], [west, south + 0.01], [west, south]]
    usual = {
        "nombre": f"Lote {number}",
        "campo_id": "campo-1",
        "campo": "La Escondida",
        "campania": "25/26",
        "cultivo": "maíz",
        "superficie_ha": 102.5,
        "updated_at": "2025-10-01T12:00:00Z",
    }
    return {
        "type": "Feature",
        "id": f"lote-{number:03}",
        "properties": usual | properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def paged(features: Sequence[Any], size: int) -> Callable[[Asked], bytes]:
    """A well-behaved portal: numbered pages of `size`."""

    def answer(asked: Asked) -> bytes:
        part = features[(asked.page - 1) * size : asked.page * size]
        more = asked.page * size < len(features)
        link = f"{asked.path}?campania=25%2F26&page={asked.page + 1}&per_page={size}" if more else None
        return http(collection(part, len(features), link, page=asked.page, per_page=size))

    return answer


@dataclass
class Sink:
    """A RawSink that remembers."""

    pages: dict[Layer, dict[int, bytes]] = field(default_factory=dict)
    restarts: int = 0

    def page(self, layer: Layer, number: int, body: bytes) -> None:
        self.pages.setdefault(layer, {})[number] = body

    def restart(self, layer: Layer) -> None:
        self.pages.pop(layer, None)
        self.restarts += 1


class Waits:
    """A clock that notes pauses instead of keeping them; chance always draws the longest pause."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self, **changes: Any) -> Clock:
        usual: dict[str, Any] = {
            "sleep": lambda seconds, _ended: self.slept.append(seconds),
            "uniform": lambda _least, most: most,
        }
        return Clock(**{**usual, **changes})


def _nobody_listens(_done: int, _total: int) -> None:
    pass


def _read(stream: Any) -> Asked | None:
    first = stream.readline().decode().split()
    if not first:
        return None
    headers = {}
    while line := stream.readline().decode().strip():
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    parts = urlsplit(first[1])
    return Asked(first[0], parts.path, parse_qs(parts.query, keep_blank_values=True), headers, body)
