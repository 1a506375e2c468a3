"""The main process of a container: `python -m app.stack.container SERVICE`.

It starts the service, keeps its log, passes on the signal to stop, buries what is left to it as process 1, and ends
when the service has ended, with its status. What to do then (start again) is Docker's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Final

from app.services.access import refuse_beyond_loopback
from app.stack.container import services
from app.stack.container.log import ServiceLog
from app.stack.container.secret_files import read_secret_files
from app.stack.container.services import Service
from app.stack.container.slot import take_slot
from modules.errors import TranqueraError
from modules.i18n import use_language
from modules.settings import PROJECT, language_of, load_settings

_POLL_S: Final = 0.2
#: A helper that dies at once is not started at once again.
_HELPER_PAUSE_S: Final = 5.0
#: The helper ends after the service: it may have to see a run to its end. Docker's own patience is longer.
_HELPER_GRACE_S: Final = 10.0


class Container:
    """A service and its helper, as long as the service runs."""

    def __init__(self, service: Service, log: ServiceLog) -> None:
        self._service = service
        self._log = log
        self._environment = {**os.environ, **service.environment}
        self._helper: subprocess.Popen[bytes] | None = None
        self._helper_at = 0.0
        self._main: subprocess.Popen[bytes] | None = None
        self._pumps: list[threading.Thread] = []

    def run(self) -> int:
        """Run the service to its end; returns its status as a shell would write it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._main = self._start(self._service.command)
        while self._main.poll() is None:
            self._look_after_helper()
            bury_orphans({process.pid for process in (self._main, self._helper) if process})
            time.sleep(_POLL_S)
        self._end_helper()
        for pump in self._pumps:
            pump.join(1)
        status = self._main.returncode
        return status if status >= 0 else 128 - status

    def _stop(self, *_signal: object) -> None:
        if self._main is not None:
            self._main.terminate()

    def _start(self, command: object) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            list(command),  # type: ignore[call-overload]
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            cwd=PROJECT,
            start_new_session=True,
        )
        pump = threading.Thread(target=self._log.copy, args=[process.stdout], daemon=True)
        pump.start()
        self._pumps.append(pump)
        return process

    def _look_after_helper(self) -> None:
        if self._service.helper is None or (self._helper is not None and self._helper.poll() is None):
            return
        now = time.monotonic()
        if self._helper is not None and now - self._helper_at < _HELPER_PAUSE_S:
            return
        if self._helper is not None:
            self._log.say(f"{' '.join(self._service.helper)} ended with {self._helper.returncode}; starting it again")
        self._helper, self._helper_at = self._start(self._service.helper), now

    def _end_helper(self) -> None:
        if self._helper is None or self._helper.poll() is not None:
            return
        self._helper.terminate()
        try:
            self._helper.wait(_HELPER_GRACE_S)
        except subprocess.TimeoutExpired:
            self._helper.kill()
            self._helper.wait()


def bury_orphans(children: set[int]) -> None:
    """Take the status of processes that were left to process 1; `children` are looked after by who started them."""
    if os.getpid() != 1:
        return
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in children:
            return
        os.waitpid(ended.si_pid, 0)


def _serve(name: str) -> int:
    read_secret_files()
    settings = load_settings()
    if name == "dashboard":
        refuse_beyond_loopback(services.EVERYWHERE, settings)  # as it would itself, with a traceback
    folder = settings.home / "logs" / name
    slot = take_slot(folder)
    log = ServiceLog(folder / f"{slot}.log")
    makers = {
        "prefect-server": services.prefect_server,
        "prefect-services": services.prefect_services,
        "prefect-worker": lambda: services.prefect_worker(slot),
        "dashboard": services.dashboard,
        "portal": services.portal,
        "deploy": services.deploy,
    }
    return Container(makers[name](), log).run()


def main() -> None:
    """Be the service that the command line names; what is wrong with its settings is one sentence, not a traceback."""
    name = sys.argv[1]
    with use_language(language_of()):
        try:
            status = _serve(name)
        except TranqueraError as error:
            print(f"{name}: {error}", file=sys.stderr, flush=True)  # noqa: T201
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
