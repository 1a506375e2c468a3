"""Runs that start warm on the shared stack, and those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.slow_runs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.slow_runs import SlowServer

pytestmark = pytest.mark.stack


@pytest.mark.slow
def test_a_run_is_a_fork_of_the_warm_engine(server: SlowServer, tmp_path: Path) -> None:
    engine, worker = server.part("prefect-engine").pid, server.part("prefect-worker").pid
    run = server.start(tmp_path)
    run.wait_until_under_way()

    assert run.keeper.ppid() == engine
    assert run.client.ppid() == worker

    run.engine.kill()
    run.wait_for("CRASHED", 40)


@pytest.mark.slow
def test_a_run_outlives_the_warm_engine_and_the_next_one_starts_without_it(server: SlowServer, tmp_path: Path) -> None:
    run = server.start(tmp_path, seconds=4)
    run.wait_until_under_way()

    server.part("prefect-engine").kill()
    following = server.start(tmp_path, seconds=0)

    run.wait_for("COMPLETED", 30)
    following.wait_for("COMPLETED", 60)
    assert wait_until(server.is_whole, 60)
