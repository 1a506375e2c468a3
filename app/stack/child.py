"""Runs in a new process before it becomes a part of the stack: `python -m app.stack.child PARENT_PID COMMAND…`.

It restores the default signal handlers, which a process started from a shell's `&` inherits as ignored and which would
make a part deaf to SIGTERM, and on Linux asks the kernel to stop it when the stack dies, however it dies.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def _tie_to_parent(parent: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(0)


def main() -> None:
    """Prepare this process and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    _tie_to_parent(parent)
    os.execvp(command[0], command)  # noqa: S606  (there is no shell here, which is what we want)


if __name__ == "__main__":
    main()
