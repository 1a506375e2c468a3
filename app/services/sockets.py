"""Answers that leave at once."""

from __future__ import annotations

import gc
import socket
from contextlib import suppress


def send_at_once() -> None:
    """Let the sockets of this process send without waiting for more; those they accept do as they do.

    Streamlit binds its socket in a way in which asyncio leaves this out (its protocol is 0, not TCP by name). Head and
    body of an answer are two writes, and on a connection that is kept the second waits for the browser to confirm the
    first: 40 ms for each tile, and for every other answer.
    """
    for each in [thing for thing in gc.get_objects() if isinstance(thing, socket.socket)]:
        if each.family in (socket.AF_INET, socket.AF_INET6) and each.type == socket.SOCK_STREAM:
            with suppress(OSError):  # closed since
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
