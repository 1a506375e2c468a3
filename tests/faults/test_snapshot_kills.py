"""Case 25: a backup that is killed at any step leaves the last snapshot whole, and the next one sweeps up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, clean_environment
from tests.faults.backups import back_up, settings_of
from tests.faults.killed import FIRST, STRIDE
from tests.unit.snapshots.invented import source_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def kill_backups(home: Path) -> int:
    home.mkdir()
    back_up(settings_of(home), source_of(8), run_id="good")
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_backup", str(home), str(STRIDE), str(FIRST)],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"every step from {FIRST} in strides of {STRIDE}: {told.stderr}"
    return int(told.stdout)


@pytest.mark.slow
def test_f25_sigkill_at_any_step_leaves_the_last_snapshot_and_the_next_start_sweeps(tmp_path: Path):
    assert kill_backups(tmp_path / "home") > 50 / STRIDE
