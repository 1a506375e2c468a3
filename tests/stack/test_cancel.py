"""Cancelling through Prefect's server, with the settings that make a click fast."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.stack.slow_runs import all_gone, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.slow_runs import SlowServer

pytestmark = pytest.mark.stack


def test_a_running_run_is_cancelled_and_its_processes_are_gone(server: SlowServer, tmp_path: Path) -> None:
    run = server.start(tmp_path)
    run.wait_until_under_way()
    processes = run.processes()

    run.cancel()

    run.wait_for("CANCELLED", 20)
    assert all_gone(processes)


def test_a_pending_run_is_cancelled_and_never_runs(server: SlowServer, tmp_path: Path) -> None:
    engine = server.part("warm-engine")
    engine.suspend()  # its client waits: the run stays Pending
    try:
        run = server.start(tmp_path)
        run.wait_for("PENDING", 20)
        run.cancel()
        run.wait_for("CANCELLED", 20)
    finally:
        engine.send_signal(signal.SIGCONT)

    assert not wait_until((tmp_path / "pid").exists, 2)
    assert run.state == "CANCELLED"
