"""The state of a stack, read from homes that hold none or something else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.stack.home import PartState, StackHome, StackState
from modules.errors import StackError
from modules.typed import IN_A_CONTAINER, TYPED
from tests.conftest import run_command

STATE = StackState(
    pid=1, created=2.0, dashboard="http://127.0.0.1:8501", prefect_api="http://127.0.0.1:4200/api",
    portal="https://españa.example", simulated=False, parts=(PartState("portal", 3, 4.0),),
)  # fmt: skip


def test_what_was_written_is_read(tmp_path: Path) -> None:
    home = StackHome(tmp_path)
    home.data.mkdir()
    home.write(STATE)

    assert home.read() == STATE


@pytest.mark.skipif(sys.platform == "win32", reason="what ended there is gone at once")
def test_a_process_that_ended_and_whose_parent_has_not_asked_how_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        part = PartState("up", process.pid, psutil.Process(process.pid).create_time())
        assert part.process() is not None
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays to be asked
        assert part.process() is None


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\xfa", b"", b"{", b"[]", b'"text"', b"7", b"{}", b'{"parts": [7]}', b'{"parts": [], "other": 1}'],
)
def test_a_state_that_cannot_be_read_is_that_of_no_stack(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stack.json").write_bytes(content)

    with pytest.raises(StackError):
        StackHome(tmp_path).require_running()


def test_in_a_home_that_is_a_file_nothing_runs(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.write_text("no folder")

    ended = run_command("status", "--home", str(file))

    assert (ended.returncode, ended.stderr) == (1, "")
    assert "no está en marcha" in ended.stdout


def test_in_a_container_status_names_the_command_that_knows(tmp_path: Path) -> None:
    ended = run_command("status", "--home", str(tmp_path), **{TYPED: IN_A_CONTAINER})
    assert ended.returncode == 1
    assert ended.stdout.strip().endswith(f"Para ver cómo está la instalación: {IN_A_CONTAINER} doctor")
