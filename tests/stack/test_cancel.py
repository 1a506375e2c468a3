"""Cancelling as the dashboard does, with the settings that make a click fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.services import runs
from tests.stack.slow_runs import SlowServer, all_gone, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def dashboard_asks_the_stack(server: SlowServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from prefect.context import refresh_global_settings_context

    monkeypatch.setenv("PREFECT_API_URL", server.stack.prefect_api)
    monkeypatch.setenv("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    refresh_global_settings_context()
    yield
    monkeypatch.undo()
    refresh_global_settings_context()


@pytest.mark.slow
def test_a_running_run_is_cancelled_and_its_processes_are_gone(server: SlowServer, tmp_path: Path) -> None:
    run = server.start(tmp_path)
    run.wait_until_under_way()
    processes = run.processes()

    runs.cancel(run.id)

    run.wait_for("CANCELLED", 20)
    assert all_gone(processes)


@pytest.mark.slow
def test_a_pending_run_is_cancelled_and_never_runs(server: SlowServer, tmp_path: Path) -> None:
    engine = server.part("prefect-engine")
    engine.suspend()  # its client waits: the run stays Pending
    try:
        run = server.start(tmp_path)
        run.wait_for("PENDING", 20)
        runs.cancel(run.id)
        run.wait_for("CANCELLED", 20)
    finally:
        engine.resume()

    assert not wait_until((tmp_path / "pid").exists, 2)
    assert run.state == "CANCELLED"


@pytest.mark.slow
def test_a_run_cancelled_while_a_worker_takes_it_stays_cancelled(server: SlowServer, tmp_path: Path) -> None:
    run = server.start(tmp_path)
    assert wait_until(lambda: run.state != "SCHEDULED", 20)

    runs.cancel(run.id)

    run.wait_for("CANCELLED", 30)
    assert not wait_until(lambda: run.state != "CANCELLED", 2)
    assert not server.clients_of(run.id)
