"""A relay in front of a server: to take the server away without stopping it for everybody, or to hear what passes."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

#: Told of each piece that passes: on which connection, whether on its way to the server, and what; by several threads.
Ear = Callable[[int, bool, bytes], None]


def _deaf(_connection: int, _to_server: bool, _piece: bytes) -> None:
    pass


class Relay:
    """Passes every connection on to 127.0.0.1:`target` until it is closed; then nobody answers.

    port: where to listen, to be the same server again; 0 chooses a free one
    """

    def __init__(self, target: int, port: int = 0, ear: Ear = _deaf) -> None:
        self._target = target
        self._ear = ear
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def close(self) -> None:
        # A thread that waits in accept() keeps a closed socket listening: shutting it down wakes the thread first.
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._close_connections()

    def _close_connections(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closed:
            near = None
            try:
                near, _address = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # closed, or one of both is gone again: the next one may not be
                if near is not None:
                    near.close()
                continue
            self._open += [near, far]
            if self._closed:  # meanwhile
                self._close_connections()
                return
            number = len(self._open)
            for source, target in ((near, far), (far, near)):
                hear = partial(self._ear, number, source is near)
                threading.Thread(target=_pour, args=(source, target, hear), daemon=True).start()


def _pour(source: socket.socket, target: socket.socket, hear: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            hear(piece)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
