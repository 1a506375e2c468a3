"""A part of the stack and what it starts go together, whichever ends first."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from app.stack.process import ChildProcess
from app.stack.supervisor import not_started
from tests.conftest import PROJECT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

SLEEPER = f"{sys.executable} -c 'import time; time.sleep(60)'"


def start(tmp_path: Path, script: str) -> ChildProcess:
    return ChildProcess(["/bin/sh", "-c", script], env=clean_environment(), cwd=PROJECT, log=tmp_path / "part.log")


def pid_written(path: Path) -> int:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline, "the part did not start"
        time.sleep(0.05)
    return int(path.read_text())


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("ending", ["wait", "exit 3"])
def test_stopping_a_part_stops_what_it_started_also_after_it_died(tmp_path: Path, ending: str) -> None:
    written = tmp_path / "pid"
    part = start(tmp_path, f"{SLEEPER} & echo $! > {written}; {ending}")
    inner = pid_written(written)
    if ending != "wait":
        while part.exit_code() is None:
            time.sleep(0.05)
        assert not gone(inner)

    part.stop(grace_s=1)

    deadline = time.monotonic() + 5
    while not gone(inner) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(inner)


def test_a_part_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    written = tmp_path / "pid"
    part = start(tmp_path, f"trap '' TERM; echo $$ > {written}; while :; do sleep 1; done")
    pid = pid_written(written)

    part.stop(grace_s=0.3)

    assert gone(pid)
    assert part.exit_code() is not None


def test_the_part_is_the_process_itself_not_a_wrapper(tmp_path: Path) -> None:
    written = tmp_path / "pid"
    part = start(tmp_path, f"echo $$ > {written}; sleep 30")
    try:
        assert pid_written(written) == part.pid
        assert os.getsid(part.pid) == part.pid
    finally:
        part.stop(grace_s=1)


def test_the_last_line_that_a_part_said_is_told_not_one_of_another_start(tmp_path: Path) -> None:
    silent, talking = "true", "echo primero; printf 'último, en español\\n\\n'"
    for script, said in ((silent, ""), (talking, "último, en español"), (silent, "")):
        part = start(tmp_path, script)
        while part.exit_code() is None:
            time.sleep(0.05)
        assert part.last_line() == said
        assert f"No arrancó: tablero{f', “{said}”' if said else ''}." in str(not_started("tablero", part))
        part.stop()
