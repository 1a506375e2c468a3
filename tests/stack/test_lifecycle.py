"""However the stack ends, nothing of it is left; whatever part dies comes back.

That Ctrl-C leaves nothing, and `tranquera down`, is seen whenever a stack of the tests ends (`tests.conftest`).
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Stack, alive, family_of, start_stack
from tests.stack.slow_runs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.mark.parametrize(
    "part",
    [
        "prefect-worker",
        "prefect-server",
        *(pytest.param(part, marks=pytest.mark.thorough) for part in ("prefect-engine", "dashboard")),
    ],
)
def test_a_part_that_dies_is_started_again_with_a_message(stack: Stack, part: str) -> None:
    log = stack.home.parent / f"{stack.home.name}.up.log"
    told = log.read_text().count("En marcha otra vez")
    pid = next(entry["pid"] for entry in stack.state()["parts"] if entry["name"] == part)

    os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        entry = next(entry for entry in stack.state()["parts"] if entry["name"] == part)
        return bool(entry["pid"] != pid and entry["healthy"])

    assert wait_until(back, 90)
    assert wait_until(lambda: log.read_text().count("En marcha otra vez") > told, 10)


@pytest.mark.parametrize(
    ("number", "limit_s"),
    [
        pytest.param(signal.SIGINT, 0, marks=pytest.mark.thorough),
        pytest.param(signal.SIGTERM, 0, marks=pytest.mark.thorough),
        (signal.SIGKILL, 30),
    ],
)
def test_a_stack_that_is_ended_takes_its_parts_and_a_first_backup_along(
    second_home: Path, number: signal.Signals, limit_s: float
) -> None:
    stack = start_stack(second_home, "--demo-fields", "20")
    try:
        assert wait_until(lambda: any("backup" in each.cmdline() for each in family_of(stack.process)), 10)
        family = family_of(stack.process)
    finally:
        stack.process.send_signal(number)
        stack.process.wait(60)

    assert wait_until(lambda: not alive(family), limit_s)
