"""What client and keeper say to one another over their connection.

client → keeper   a `Request` and the descriptors of standard input, output and error; later a byte a signal to pass on
keeper → client   `ACCEPTED` before the engine starts; as it ends its exit status (negative: the signal that killed it)

An end of the stream is an answer too: without `ACCEPTED` nothing runs, without a status the keeper was killed.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from typing import NamedTuple

ACCEPTED = b"+"
_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")
#: What an interpreter or the C library reads only once: a run for which it differs needs a process of its own.
_READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "TZ")


class Request(NamedTuple):
    """A process as the worker started it: what the engine has to look like."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]

    @classmethod
    def of_this_process(cls) -> Request:
        """Describe this process."""
        return cls(sys.argv[1:], os.getcwd(), dict(os.environ))  # noqa: PTH109

    def fits_this_process(self) -> bool:
        """Tell whether this interpreter started as the one of the request would have."""
        return _start_of(self.environment) == _start_of(dict(os.environ))


def _start_of(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


def send_request(connection: socket.socket, request: Request) -> None:
    """Send a request with this process's three standard descriptors."""
    body = json.dumps(request).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], [0, 1, 2])
    connection.sendall(body)


def receive_request(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Receive a request and the descriptors that came with it; None when the client only knocked."""
    head, descriptors, _flags, _address = socket.recv_fds(connection, _LENGTH.size, 3)
    if len(head) < _LENGTH.size:
        return None
    body = _receive(connection, _LENGTH.unpack(head)[0])
    return (Request(*json.loads(body)), descriptors) if body else None


def send_status(connection: socket.socket, status: int) -> None:
    """Send how the engine ended."""
    connection.sendall(_STATUS.pack(status))


def receive_status(connection: socket.socket) -> int | None:
    """Receive how the engine ended; None when the keeper was killed."""
    said = _receive(connection, _STATUS.size)
    return _STATUS.unpack(said)[0] if said else None


def _receive(connection: socket.socket, length: int) -> bytes | None:
    """Receive exactly `length` bytes; None when the stream ends before."""
    received = connection.recv(length, socket.MSG_WAITALL)
    return received if len(received) == length else None
