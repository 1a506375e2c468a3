"""However the stack ends, nothing of it is left; whatever part dies comes back.

Not the stack that other tests share: tests here end it. Each begins with the one before's where that still runs.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.conftest import Stack, start_stack, stop_stack
from tests.prefect_tables import lay_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """One home for all: each start goes on with the same history."""
    folder = tmp_path_factory.mktemp("lifecycle") / "home"
    lay_tables(folder, tables)
    return folder


@pytest.fixture(scope="module")
def started() -> Iterator[list[Stack]]:
    """The stacks that were started, the last one perhaps still running."""
    stacks: list[Stack] = []
    yield stacks
    for stack in stacks:
        stop_stack(stack.process)


@pytest.fixture
def own_stack(home: Path, started: list[Stack]) -> Stack:
    if not started or started[-1].process.poll() is not None:
        started.append(start_stack(home, "--demo-fields", "20", "--no-first-backup"))
    return started[-1]


def family_of(stack: Stack) -> list[psutil.Process]:
    up = psutil.Process(stack.process.pid)
    return [up, *up.children(recursive=True)]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize(
    "part",
    [
        "prefect-worker",
        "prefect-server",
        *(pytest.param(part, marks=pytest.mark.thorough) for part in ("prefect-engine", "dashboard")),
    ],
)
def test_a_part_that_dies_is_started_again_with_a_message(own_stack: Stack, part: str) -> None:
    log = own_stack.home.parent / "home.up.log"
    told = log.read_text().count("En marcha otra vez")
    pid = next(entry["pid"] for entry in own_stack.state()["parts"] if entry["name"] == part)

    os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        entry = next(entry for entry in own_stack.state()["parts"] if entry["name"] == part)
        return bool(entry["pid"] != pid and entry["healthy"])

    assert wait_until(back, 90)
    assert wait_until(lambda: log.read_text().count("En marcha otra vez") > told, 10)


# The other signal ends a stack with more in it below.
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)])
def test_ctrl_c_and_sigterm_leave_no_process(own_stack: Stack, number: signal.Signals) -> None:
    family = family_of(own_stack)
    assert len(family) >= 5

    own_stack.process.send_signal(number)
    own_stack.process.wait(60)

    assert not [process for process in family if process.is_running()]
    assert not (own_stack.home / "data" / "stack.json").exists()


def test_the_stack_killed_outright_takes_its_parts_along(own_stack: Stack) -> None:
    family = family_of(own_stack)

    own_stack.process.kill()
    own_stack.process.wait(10)

    assert wait_until(lambda: not [process for process in family if process.is_running()], 30)


@pytest.mark.parametrize(
    ("number", "seconds"), [(signal.SIGTERM, 0), pytest.param(signal.SIGKILL, 30, marks=pytest.mark.thorough)]
)
def test_a_first_backup_that_is_under_way_ends_with_the_stack(
    second_home: Path, number: signal.Signals, seconds: float
) -> None:
    stack = start_stack(second_home, "--demo-fields", "20")
    try:
        assert wait_until(lambda: any("backup" in process.cmdline() for process in family_of(stack)), 10)
        family = family_of(stack)
    finally:
        stack.process.send_signal(number)
        stack.process.wait(60)

    assert wait_until(lambda: not [process for process in family if process.is_running()], seconds)
