"""What is killed does not look as if it ran: the run says Crashed, nothing of it stays, and it can run again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import start_stack, stop_stack
from tests.stack.slow_runs import SlowRun, SlowServer, all_gone, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.fixture
def whole_again(server: SlowServer) -> Iterator[None]:
    """Leave the shared stack as it was: what a test killed has been started again."""
    yield
    assert wait_until(server.is_whole, 90)


@dataclass(frozen=True)
class Killed:
    """A run that was killed, another one that was cancelled once nothing of it was left, and when that was."""

    run: SlowRun
    cancelled: SlowRun
    at: datetime

    @property
    def seconds(self) -> float:
        return (datetime.now(UTC) - self.at).total_seconds()


@pytest.fixture(scope="module")
def killed(server: SlowServer, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Runs that were killed together with their worker; until that is noticed, up to two minutes, other tests go on."""
    run, cancelled = (server.start(tmp_path_factory.mktemp(name)) for name in ("killed", "cancelled"))
    for each in (run, cancelled):
        each.wait_until_under_way()
    processes = [server.part("prefect-worker"), *run.processes(), *cancelled.processes()]
    for process in processes:
        process.suspend()  # none may tell of the others' end
    for process in processes:
        process.kill()
    at = datetime.now(UTC)
    server.post(f"/flow_runs/{cancelled.id}/set_state", {"state": {"type": "CANCELLING"}})
    assert wait_until(server.is_whole, 90)
    return Killed(run, cancelled, at)


@pytest.mark.usefixtures("killed")
@pytest.mark.parametrize(
    "part", ["engine", *(pytest.param(each, marks=pytest.mark.thorough) for each in ("keeper", "client"))]
)
def test_f39_a_run_that_is_killed_is_crashed_and_safe_to_run_again(
    server: SlowServer, tmp_path: Path, part: str
) -> None:
    run = server.start(tmp_path)
    run.wait_until_under_way()
    processes = run.processes()

    getattr(run, part).kill()

    run.wait_for("CRASHED", 10)
    assert all_gone(processes)
    again = server.start(tmp_path, seconds=0)
    again.wait_for("COMPLETED", 30)


def test_f39_a_run_whose_worker_is_killed_is_crashed_at_once(
    server: SlowServer, tmp_path: Path, whole_again: None
) -> None:
    run = server.start(tmp_path)
    run.wait_until_under_way()
    processes = run.processes()

    server.part("prefect-worker").kill()

    run.wait_for("CRASHED", 20)
    assert all_gone(processes)


def test_f39_a_run_killed_together_with_its_worker_is_crashed_when_its_heartbeat_is_missed(killed: Killed) -> None:
    killed.run.wait_for("CRASHED", 120 - killed.seconds)
    said = datetime.fromisoformat(killed.run.told["state"]["timestamp"])
    assert timedelta(0) < said - killed.at < timedelta(seconds=120)


def test_f39_a_run_that_is_cancelled_when_nothing_of_it_is_left_is_cancelled(killed: Killed) -> None:
    killed.cancelled.wait_for("CANCELLED", 135 - killed.seconds)


@pytest.mark.thorough
def test_a_run_that_is_interrupted_by_the_end_of_the_stack_is_crashed_in_its_history(
    tmp_path: Path, second_home: Path
) -> None:
    first = start_stack(second_home, "--demo-fields", "20", "--no-first-backup")
    run = SlowServer(first).start(tmp_path)
    run.wait_until_under_way()
    processes = run.processes()

    stop_stack(first.process)

    assert all_gone(processes, 0)
    again = start_stack(second_home, "--demo-fields", "20", "--no-first-backup")
    try:
        state = httpx.get(f"{again.prefect_api}/flow_runs/{run.id}").json()["state_type"]
    finally:
        stop_stack(again.process)
    assert state == "CRASHED"
