"""A child process in a session of its own that goes away with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

#: How long a part may take to end by itself before it is killed. A worker with a running flow needs the most: the flow
#: tells the server that it was interrupted.
GRACE_S = 10.0
#: How much of a log is looked at for its last line, and how much of the line is told.
_TAIL_BYTES = 8192
_LINE_CHARACTERS = 300


class ChildProcess:
    """A started command. Its output goes to the end of `log`."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        # Windows has no exec: there the part is started as it is, and psutil finds its family.
        prepared = [] if os.name == "nt" else [sys.executable, "-m", "app.stack.child", str(os.getpid())]
        self.log = log
        with log.open("ab") as output:
            self._said_from = output.seek(0, os.SEEK_END)  # what stands before is of another start
            self._popen = subprocess.Popen(
                [*prepared, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,  # a Ctrl-C in the terminal reaches the stack alone, which then stops in order
            )
        self.pid = self._popen.pid
        self.created = psutil.Process(self.pid).create_time()

    def exit_code(self) -> int | None:
        """Tell how it ended; None while it runs."""
        return self._popen.poll()

    def lines(self) -> list[str]:
        """Tell the last lines that it said, those that are not blank."""
        with self.log.open("rb") as said:
            end = said.seek(0, os.SEEK_END)
            said.seek(max(self._said_from, end - _TAIL_BYTES))
            lines = said.read().decode(errors="replace").split("\n")
        return [line.strip() for line in lines if line.strip()]

    def last_line(self) -> str:
        """Tell the last line that it said, cut short; empty when it has said nothing."""
        return (self.lines() or [""])[-1][:_LINE_CHARACTERS]

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask it to end, wait, then kill it and whatever it started, also when it has ended by itself long ago."""
        family = _family(self.pid)
        if self._popen.poll() is None:
            self._popen.terminate()
        try:
            self._popen.wait(grace_s)
        except subprocess.TimeoutExpired:
            family = [*family, *_family(self.pid)]
        kill(family)
        self._popen.wait()
        self._kill_session()

    def _kill_session(self) -> None:
        """Kill what it started and left: it led a session of its own, whose processes keep its number."""
        if os.name != "nt":
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def _family(pid: int) -> list[psutil.Process]:
    """List a process and its descendants, the descendants first."""
    try:
        parent = psutil.Process(pid)
        return [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return []


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill what still lives of `processes` and wait until it is gone."""
    alive = []
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
        alive.append(process)
    psutil.wait_procs(alive, timeout=5)


def stop_family(process: psutil.Process, grace_s: float) -> None:
    """Stop a process that is not our child (left by a stack that died), with its descendants."""
    family = _family(process.pid)
    deadline = time.monotonic() + grace_s
    for member in family:
        try:
            member.terminate()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=max(0.0, deadline - time.monotonic()))
    kill(family)
