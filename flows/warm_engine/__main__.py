"""The client: what the worker starts for a run, `python -m flows.warm_engine`.

It hands itself over to the warm engine and stands for it: same output, same signals, same end. Where no such server
runs (another machine or system, the moment of its restart) it becomes the engine itself.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from modules.engine_socket import SUPPORTED, connect, folder_in

if TYPE_CHECKING:
    import socket

#: A server that has not answered by then hangs; an idle one takes a few milliseconds.
_PATIENCE_S = 5.0


def main() -> None:
    """Run the engine, warm if possible."""
    connection = _hand_over() if SUPPORTED and "TRANQUERA_HOME" in os.environ else None
    if connection is None:
        import runpy

        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)
    else:
        sys.exit(_stand_for(connection))


def _hand_over() -> socket.socket | None:
    """Hand this process's run over; None when nobody takes it."""
    from flows.warm_engine.exchange import ACCEPTED, Request, send_request

    try:
        connection = connect(folder_in(os.environ["TRANQUERA_HOME"]))
    except OSError:
        return None
    with suppress(OSError):
        connection.settimeout(_PATIENCE_S)
        send_request(connection, Request.of_this_process())
        if connection.recv(1) == ACCEPTED:
            connection.settimeout(None)
            return connection
    connection.close()
    return None


def _stand_for(connection: socket.socket) -> int:
    """Pass signals on until the engine has ended; returns its status as a shell would write it."""
    import select

    from flows.warm_engine.exchange import receive_status

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: _pass_on(number, connection))
    # A worker that is gone leaves nobody who could cancel the run. The engine is stopped when this process ends.
    worker = os.pidfd_open(os.getppid())
    poll = select.poll()
    poll.register(worker, select.POLLIN)
    poll.register(connection, select.POLLIN)
    if worker in dict(poll.poll()):
        return 128 + signal.SIGTERM
    status = receive_status(connection)
    status = -signal.SIGKILL if status is None else status
    return status if status >= 0 else 128 - status


def _pass_on(number: int, connection: socket.socket) -> None:
    with suppress(ConnectionError):  # it has just ended
        connection.sendall(bytes([number]))


if __name__ == "__main__":
    main()
