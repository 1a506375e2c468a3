"""Kills backups at every step: `python -m tests.faults.killed_backup HOME STRIDE FIRST`. Prints how many it killed.

Each backup runs in a fork of this process, which has imported everything and started nothing. A step is each call that
opens, makes, renames or removes a file below the home, as Python's audit events tell them.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import modules.sources.databaler  # noqa: F401
from tests.faults.backups import WHOLE, back_up, content_of, settings_of, store_of, temporaries_of, verify
from tests.unit.snapshots.invented import source_of

#: Each step takes two runs, which is too long to try all of them each time: three days in a row do.
STRIDE = 3
FIRST = datetime.now(UTC).toordinal() % STRIDE
_STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}


def main(good: Path, stride: int, first: int) -> None:
    killed = 0
    for number in count(first, stride):
        home = good.with_name(f"home-{number}")
        shutil.copytree(good, home)
        if not in_fork(lambda home=home, number=number: backup_killed_at(home, number)):
            break  # it came to its end: there is no such step
        killed += 1
        assert not in_fork(lambda home=home: check_after_kill(home, content_of(good))), f"step {number}"
        shutil.rmtree(home)
    print(killed)


def in_fork(work: Callable[[], None]) -> bool:
    """Do `work` in a fork; tell whether it was killed. An exception there ends everything."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  (a fork must not go on as its parent would)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def backup_killed_at(home: Path, number: int) -> None:
    left = number

    def kill_at_last(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _STEPS and str(home) in str(arguments[0]):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(kill_at_last)
    back_up(settings_of(home), source_of(9), run_id="killed")


def check_after_kill(home: Path, good: dict[str, str]) -> None:
    store = store_of(home)
    snapshots = {path: digest for path, digest in good.items() if "Backup_Databaler" in path}
    assert content_of(home).items() >= snapshots.items()
    assert all(verify(snapshot) == [] for snapshot in store.published())
    assert store.current(WHOLE) is not None
    result = back_up(settings_of(home), source_of(9), run_id="again")
    assert temporaries_of(home) == []
    assert all(verify(snapshot) == [] for snapshot in store.published())
    assert store.current(WHOLE).id == result.snapshot_id  # type: ignore[union-attr]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
