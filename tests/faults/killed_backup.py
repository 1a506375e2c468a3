"""Kills backups at every step: `python -m tests.faults.killed_backup HOME STRIDE FIRST`. Prints how many it killed.

`tests.faults.killed` says what a step is.
"""

from __future__ import annotations

import shutil
import sys
from itertools import count
from pathlib import Path

from tests.faults.backups import WHOLE, back_up, content_of, settings_of, store_of, temporaries_of, verify
from tests.faults.killed import die_at, import_what_is_imported_by, in_fork
from tests.unit.snapshots.invented import source_of


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


def backup_killed_at(home: Path, number: int) -> None:
    die_at(home, number)
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
    prepared = Path(sys.argv[1])
    copy = prepared.with_name("copy")
    shutil.copytree(prepared, copy)
    import_what_is_imported_by(lambda: back_up(settings_of(copy), source_of(9), run_id="whole"))
    main(prepared, int(sys.argv[2]), int(sys.argv[3]))
