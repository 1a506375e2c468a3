"""Case 25: a backup that is killed at any step leaves the last snapshot whole, and the next one sweeps up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, clean_environment
from tests.faults.backups import back_up, settings_of
from tests.unit.snapshots.invented import source_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def kill_backups(home: Path, stride: int) -> int:
    home.mkdir()
    back_up(settings_of(home), source_of(8), run_id="good")
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_backup", str(home), str(stride)],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return int(told.stdout)


@pytest.mark.slow
def test_f25_sigkill_at_some_steps_leaves_the_last_snapshot_and_the_next_start_sweeps(tmp_path: Path):
    assert kill_backups(tmp_path / "home", stride=17) > 4


@pytest.mark.slow
@pytest.mark.timeout(600)  # three minutes on two idle cores: each step is two backups
def test_f25_sigkill_at_every_step_leaves_the_last_snapshot_and_the_next_start_sweeps(tmp_path: Path):
    assert kill_backups(tmp_path / "home", stride=1) > 50
