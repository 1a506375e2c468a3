"""The fault table: what each fault does to a run that is under way on a composed stack, one line each.

    python -m tests.compose.faults FOLDER [NAME …]

FOLDER holds a stack that is up (its `.env` says the ports). Each line: the fault, how the run ended and how long after
the fault, how many of its log lines are there, and whether the stack came back by itself.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.compose.rehearsal import Composed, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 40
#: A run must not say for longer than this that it is running when it is not.
_LONGEST_S = 150


def kill_worker(stack: Composed) -> None:
    """The worker's process alone; the container goes on with its end and is started again."""
    stack.compose("exec", "-T", "prefect-worker", "python", "-c", _KILL.format(what="worker start"))


def kill_worker_and_flow(stack: Composed) -> None:
    stack.compose("kill", "prefect-worker")
    stack.compose("up", "-d", "--no-deps", "prefect-worker")


def stop_worker(stack: Composed) -> None:
    stack.compose("stop", "prefect-worker")
    stack.compose("up", "-d", "--no-deps", "prefect-worker")


def kill_server(stack: Composed) -> None:
    stack.compose("kill", "prefect-server")
    stack.compose("up", "-d", "--no-deps", "prefect-server")


def stop_redis(stack: Composed) -> None:
    stack.compose("stop", "redis")
    time.sleep(24)
    stack.compose("start", "redis")


def restart_postgres(stack: Composed) -> None:
    stack.compose("stop", "postgres")
    time.sleep(14)
    stack.compose("start", "postgres")


def cut_worker_off(stack: Composed) -> None:
    container = stack.compose("ps", "-q", "prefect-worker").split()[0]
    network = f"{stack.project}_default"
    _docker("network", "disconnect", network, container)
    time.sleep(60)
    _docker("network", "connect", "--alias", "prefect-worker", network, container)


def reboot(stack: Composed) -> None:
    stack.compose("kill")
    stack.compose("up", "-d", "--wait", "--pull", "never")


FAULTS: dict[str, Callable[[Composed], None]] = {
    "kill-worker": kill_worker,
    "stop-worker": stop_worker,
    "kill-worker-and-flow": kill_worker_and_flow,
    "kill-server": kill_server,
    "stop-redis-24s": stop_redis,
    "restart-postgres-14s": restart_postgres,
    "cut-worker-60s": cut_worker_off,
    "reboot": reboot,
}

_KILL = """
import os, pathlib, signal
for process in pathlib.Path("/proc").glob("[0-9]*"):
    words = (process / "cmdline").read_bytes().replace(b"\\0", b" ").decode()
    if "{what}" in words and "-c" not in words.split():
        os.kill(int(process.name), signal.SIGKILL)
"""


def _docker(*words: str) -> None:
    import subprocess

    subprocess.run(["docker", *words], check=True, capture_output=True)


def seen(stack: Composed, name: str) -> str:
    """Run a fault and tell what was seen, in a line."""
    run_id = stack.start("slow/slow", {"seconds": _SECONDS})
    stack.wait_running(run_id)
    time.sleep(5)
    began = time.monotonic()
    FAULTS[name](stack)
    state = stack.wait_ended(run_id, _LONGEST_S)
    after = time.monotonic() - began
    time.sleep(3)  # the last lines of a log come after the state
    lines = stack.log_lines(run_id)
    well = wait_until(lambda: set(stack.health().values()) <= {"healthy", "exited"}, 180)
    next_run = stack.wait_ended(stack.start("slow/slow", {"seconds": 1}), 120)
    return (
        f"{name:<22} run {state} {after:.0f} s after, {lines} of {_SECONDS} log lines; "
        f"stack {'healthy' if well else 'NOT healthy'}; next run {next_run}"
    )


def main() -> None:
    stack = Composed(Path(sys.argv[1]).resolve())
    stack.deploy_slow()
    for name in sys.argv[2:] or FAULTS:
        print(seen(stack, name), flush=True)


if __name__ == "__main__":
    main()
