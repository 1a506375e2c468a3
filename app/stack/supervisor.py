"""Starts the parts in order, watches them, restarts one that dies, and stops them all."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psutil

from app.stack import parts
from app.stack.home import PartState, StackHome, StackState
from app.stack.process import ChildProcess, stop_family
from modules import engine_socket
from modules.errors import StackError
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.settings import PROJECT, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.stack.options import UpOptions
    from app.stack.parts import Addresses, Part

_START_LIMIT_S = 180.0
_POLL_S = 0.25
#: First pause before a dead part is started again; doubles up to the longest.
_RESTART_PAUSE_S = 1.0
_LONGEST_RESTART_PAUSE_S = 30.0
#: A part that ran this long is healthy again: its next death starts with a short pause.
_STEADY_S = 60.0


class StopRequested(Exception):
    """Ctrl-C, SIGTERM or `tranquera down` while something was being waited for."""


@dataclass
class _Running:
    part: Part
    process: ChildProcess
    started: float
    pause: float = _RESTART_PAUSE_S
    again_at: float | None = None  # when to start it again; None while it runs


class Supervisor:
    """The stack of one home. `say` is given one line for people at a time."""

    def __init__(self, settings: Settings, options: UpOptions, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._options = options
        self._say = say
        self._home = StackHome(settings.home)
        self._stop = threading.Event()
        self._running: list[_Running] = []  # in the order they were started

    def run(self, on_ready: Callable[[StackState], None]) -> None:
        """Run the stack until it is told to stop; every process it started is gone when this returns.

        Raises StackError when a stack runs in this home already or a part does not start, SettingsError when the home's
        `.env` makes no sense.
        """
        self._home.claim()
        try:
            self._sweep()
            addresses = parts.Addresses.choose(self._options, self._settings)
            with self._signals():
                try:
                    state = self._start(addresses)
                    on_ready(state)
                    self._watch()
                except StopRequested:
                    pass
                finally:
                    self._stop_all()
        finally:
            self._home.release()

    def _sweep(self) -> None:
        """Stop what a stack that was killed left behind."""
        left = self._home.read()
        if left is None:
            return
        for part in reversed(left.parts):
            process = part.process()
            if process is not None:
                self._say(_("Stopping {part}, left by an interrupted start …", part=part.name))
                stop_family(process, grace_s=5)

    def _start(self, addresses: Addresses) -> StackState:
        process = psutil.Process()
        self._state = StackState(
            pid=process.pid,
            created=process.create_time(),
            dashboard=addresses.dashboard,
            prefect_api=addresses.prefect_api,
            portal=addresses.portal,
            simulated=addresses.simulator_port is not None,
        )
        self._env = parts.environment(self._settings.home, addresses, self._settings)
        first = [parts.prefect_server(addresses), parts.dashboard(addresses)]
        if addresses.simulator_port is not None:
            first.insert(0, parts.simulator(self._options, addresses))
        began = time.monotonic()
        for part in first:
            self._launch(part)
        server = next(entry for entry in self._running if entry.part.name == "prefect-server")
        self._wait_ready([server], began)
        self._launch(parts.prefect_worker(addresses))
        if engine_socket.SUPPORTED:
            self._launch(parts.warm_engine(self._settings.home))
        deploying = self._spawn("deploy", parts.deploy_command())
        try:
            self._wait_ready([entry for entry in self._running if entry is not server], began)
            self._wait_deployed(deploying)
        finally:
            deploying.stop()
        self._say(_("{time} s  flows deployed", time=f"{time.monotonic() - began:5.1f}"))
        self._state = replace(self._state, ready=True)
        self._publish()
        return self._state

    def _launch(self, part: Part) -> None:
        self._running.append(_Running(part, self._spawn(part.name, part.command), time.monotonic()))
        self._publish()

    def _spawn(self, name: str, command: Sequence[str]) -> ChildProcess:
        return ChildProcess(command, env=self._env, cwd=PROJECT, log=self._home.logs / f"{name}.log")

    def _publish(self) -> None:
        now = tuple(PartState(entry.part.name, entry.process.pid, entry.process.created) for entry in self._running)
        self._state = replace(self._state, parts=now)
        self._home.write(self._state)

    def _wait_ready(self, waiting: Sequence[_Running], began: float) -> None:
        """Wait until each answers, a line a part; raises StackError when any part dies or one takes too long."""
        left = list(waiting)
        while left:
            # Dead first: another program may answer at the address of a part that could not listen there.
            for entry in self._running:
                if entry.process.exit_code() is not None:
                    raise not_started(_title(entry), entry.process)
            for entry in list(left):
                if entry.part.ready():
                    left.remove(entry)
                    self._say(_("{time} s  {part} ready", time=f"{time.monotonic() - began:5.1f}", part=_title(entry)))
                elif time.monotonic() - began > _START_LIMIT_S:
                    raise not_started(_title(entry), entry.process)
            self._pause(_POLL_S)

    def _wait_deployed(self, deploying: ChildProcess) -> None:
        """Wait until the flows are deployed; raises StackError when they are not."""
        while (status := deploying.exit_code()) is None:
            self._pause(_POLL_S)
        if status:
            log = self._home.logs / "deploy.log"
            raise StackError(N_("The flows could not be deployed. The last lines of {log} say why."), log=str(log))

    def _watch(self) -> None:
        while True:
            self._pause(_POLL_S)
            for entry in self._running:
                self._look_after(entry)

    def _look_after(self, entry: _Running) -> None:
        now = time.monotonic()
        if entry.again_at is None and entry.process.exit_code() is not None:
            if now - entry.started > _STEADY_S:
                entry.pause = _RESTART_PAUSE_S
            entry.again_at = now + entry.pause
            self._say(
                _(
                    "The part {part} stopped by itself; starting it again in {seconds} s. Log: {log}",
                    part=_title(entry),
                    seconds=round(entry.pause),
                    log=str(self._home.logs / f"{entry.part.name}.log"),
                )
            )
            entry.process.stop(grace_s=0)  # what it had started goes with it
            entry.pause = min(entry.pause * 2, _LONGEST_RESTART_PAUSE_S)
        elif entry.again_at is not None and now >= entry.again_at:
            entry.again_at = None
            entry.process, entry.started = self._spawn(entry.part.name, entry.part.command), now
            self._publish()
            self._say(_("The part {part} was started again.", part=_title(entry)))

    def _stop_all(self) -> None:
        """Stop in the opposite order: a flow that is interrupted can still tell Prefect's server."""
        if not self._running:
            return
        self._say(_("Stopping …"))
        for entry in sorted(self._running, key=lambda entry: entry.part.name == "prefect-server"):
            entry.process.stop()
        self._running.clear()
        self._say(_("Stopped."))

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StopRequested

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn the signals that end a program into a request to stop, for as long as the stack runs."""
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        before = {
            number: signal.signal(number, lambda *_args: self._stop.set())
            for number in (getattr(signal, name, None) for name in names)
            if number is not None
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def not_started(title: str, process: ChildProcess) -> StackError:
    """Say that a part did not start, in its own last words where it had any."""
    why, log = process.last_line(), str(process.log)
    if not why:
        return StackError(
            N_("The part {part} did not start. Nothing was changed; its last lines are in {log}."), part=title, log=log
        )
    return StackError(
        N_("The part {part} did not start: “{why}”. Nothing was changed; more of it is in {log}."),
        part=title,
        why=why,
        log=log,
    )


def _title(entry: _Running) -> str:
    return _(entry.part.title)
