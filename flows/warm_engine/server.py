"""The server: `python -m flows.warm_engine.server`.

It imports Prefect and never a flow or what flows are made of, so that an edited one counts at the next run.
"""

from __future__ import annotations

import gc
import os
import runpy
import select
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from importlib import import_module

from flows.warm_engine.exchange import ACCEPTED, Request, receive_request, send_status
from modules.engine_socket import folder_in, listen
from modules.orphans import die_with_parent

#: What a run of a flow from a local folder imports.
_PRELOADED = (
    "anyio._backends._asyncio",
    "prefect._internal.metrics",
    "prefect._internal.observers",
    "prefect.deployments.steps.pull",
    "prefect.flow_engine",
    "prefect.runner",
)
_PEER = struct.Struct("iII")  # struct ucred of unix(7): pid, uid, gid
#: How long a run without a client may take to tell Prefect's server that it was interrupted.
_GRACE_MS = 5000


def main() -> None:
    """Serve until SIGTERM comes; each engine that is forked comes back here to become one."""
    import_prefect()
    try:
        with listen(folder_in(os.environ["TRANQUERA_HOME"])) as listener:
            request, descriptors = _serve(listener)
    except SystemExit:
        _wait_for_runs()
        raise
    _become_engine(request, descriptors)


def import_prefect() -> None:
    """Import all that is slow. A thread would be lost in every fork, with whatever lock it held."""
    for name in _PRELOADED:
        import_module(name)
    if threading.active_count() > 1:
        raise RuntimeError(f"importing Prefect started threads: {threading.enumerate()}")
    gc.collect()
    gc.freeze()  # the collector leaves these objects alone, so that their pages stay shared with the forks


def _serve(listener: socket.socket) -> tuple[Request, list[int]]:
    """Fork a keeper for every connection until SystemExit; returns in the engines."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the keepers
    while True:
        connection, _address = listener.accept()
        with connection:
            if os.fork() == 0:
                listener.close()
                return _keep(connection)


def _wait_for_runs() -> None:
    """Let runs end before whoever stops this server kills what is left of it.

    They do when their worker is stopped, and this is the moment they need to tell Prefect's server about it.
    """
    with suppress(ChildProcessError):  # which says that there is none left
        os.wait()


def _keep(connection: socket.socket) -> tuple[Request, list[int]]:
    """Keep one run: fork its engine, pass signals on, tell how it ended. Returns in the engine."""
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()  # the stack ends the whole session of a part that died, and a run outlives this server
    received = receive_request(connection) if _is_ours(connection) else None
    if received is None or not received[0].fits_this_process() or not _accept(connection):
        os._exit(0)
    keeper = os.getpid()
    engine = os.fork()
    if engine == 0:
        die_with_parent(keeper)
        return received
    for descriptor in received[1]:
        os.close(descriptor)
    status = _look_after(engine, connection)
    with suppress(ConnectionError):
        send_status(connection, status)
    os._exit(0)


def _is_ours(connection: socket.socket) -> bool:
    """Tell whether the other side is of our user; the folder's mode lets in root too."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return bool(_PEER.unpack(peer)[1] == os.getuid())


def _accept(connection: socket.socket) -> bool:
    """Tell the client that its run is taken; False when it has given up waiting, and starts the run itself."""
    try:
        connection.sendall(ACCEPTED)
    except ConnectionError:
        return False
    return True


def _look_after(engine: int, connection: socket.socket) -> int:
    """Wait for the engine to end, passing signals on to it; stop it when the client is gone. Returns its status."""
    ended = os.pidfd_open(engine)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(connection, select.POLLIN)
    patience: int | None = None
    while ended not in (ready := dict(poll.poll(patience))):
        if not ready:
            os.kill(engine, signal.SIGKILL)
        elif signals := _received_signals(connection):
            for number in signals:
                os.kill(engine, number)
        else:
            poll.unregister(connection)
            os.kill(engine, signal.SIGTERM)
            patience = _GRACE_MS
    return os.waitstatus_to_exitcode(os.waitpid(engine, 0)[1])


def _received_signals(connection: socket.socket) -> bytes:
    try:
        return connection.recv(64)
    except ConnectionError:
        return b""


def _become_engine(request: Request, descriptors: list[int]) -> None:
    """Make this process what the worker asked for, and run `prefect.engine` in it."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    sys.path[0] = request.folder  # as `python -m` does
    sys.argv[1:] = request.arguments
    _refresh_settings()
    _survive_a_deaf_worker()
    # The engine has to run as the main module; the copy that other modules of Prefect imported stays theirs.
    sys.modules.pop("prefect.engine", None)
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


def _refresh_settings() -> None:
    """Let Prefect read its settings again, from the environment of the run."""
    from prefect.context import refresh_global_settings_context
    from prefect.logging.configuration import setup_logging
    from prefect.settings import get_current_settings

    before = get_current_settings()
    refresh_global_settings_context()
    if get_current_settings() != before:
        setup_logging()


def _survive_a_deaf_worker() -> None:
    """Drop log lines that no worker reads any more.

    The default is to exit at the first, before the engine has told Prefect's server that the run crashed.
    """
    from rich.console import Console

    Console.on_broken_pipe = lambda self: None  # type: ignore[method-assign]  # noqa: ARG005


if __name__ == "__main__":
    main()
