"""An HTTP adapter whose answers, head and body, arrive before a deadline or not at all.

The time-outs of requests bound the silence between two pieces; a server that drips a byte a second never trips them.
Here every read from the socket may only take what is left of the whole answer's time. Another thread can cut it off.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class PunctualAdapter(HTTPAdapter):
    """A pooled adapter. `deadline_s` counts from the moment a request is sent, `read_timeout_s` bounds each silence."""

    def __init__(self, *, connections: int, read_timeout_s: float, deadline_s: float) -> None:
        self._streams = _OpenStreams()
        response = partial(
            _PunctualResponse, read_timeout_s=read_timeout_s, deadline_s=deadline_s, streams=self._streams
        )
        self._pools = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, response),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, response),
        }
        super().__init__(pool_connections=1, pool_maxsize=connections, pool_block=False, max_retries=0)

    def cut_off(self) -> None:
        """Let all answers that are being read, and those that would be, end here."""
        self._streams.cut_off()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool manager use our connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make a proxy's manager use our connections too."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pool(pool: type, connection: type, response: partial[_PunctualResponse]) -> type:
    """Derive a pool whose connections read their answers by `response`."""
    punctual = type(f"Punctual{connection.__name__}", (connection,), {"response_class": staticmethod(response)})
    return type(f"Punctual{pool.__name__}", (pool,), {"ConnectionCls": punctual})


class _OpenStreams:
    """The answers that are being read, each by a thread of its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: WeakSet[_PunctualStream] = WeakSet()
        self._cut_off = False

    def add(self, stream: _PunctualStream) -> None:
        with self._lock:
            self._streams.add(stream)
            if self._cut_off:
                stream.cut_off()

    def cut_off(self) -> None:
        with self._lock:
            self._cut_off = True
            for stream in self._streams:
                stream.cut_off()


class _PunctualResponse(http.client.HTTPResponse):
    def __init__(
        self,
        sock: socket.socket,
        *args: Any,
        read_timeout_s: float,
        deadline_s: float,
        streams: _OpenStreams,
        **options: Any,
    ):
        super().__init__(sock, *args, **options)
        self.fp.close()
        stream = _PunctualStream(sock, read_timeout_s, time.monotonic() + deadline_s)
        streams.add(stream)
        self.fp = io.BufferedReader(stream)


class _PunctualStream(io.RawIOBase):
    """Reads a socket until `deadline` (monotonic seconds)."""

    def __init__(self, sock: socket.socket, read_timeout_s: float, deadline: float) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._read_timeout_s = read_timeout_s
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer's time is up")
        self._socket.settimeout(min(self._read_timeout_s, left))
        return self._raw.readinto(buffer)

    def cut_off(self) -> None:
        """Wake who waits for the socket: nothing comes any more."""
        # Behind a secure proxy, urllib3's own kind of socket has the real one inside.
        real = getattr(self._socket, "socket", self._socket)
        with suppress(OSError):  # its other end is gone already
            # Not the method of a secure socket, which would take what another thread is reading with out of its hands.
            socket.socket.shutdown(real, socket.SHUT_RDWR)

    def close(self) -> None:
        self._raw.close()
        super().close()
