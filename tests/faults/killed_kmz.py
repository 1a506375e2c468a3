"""Kills runs of the KMZ products at many steps: `python -m tests.faults.killed_kmz HOME STRIDE FIRST`. Prints how many.

`tests.faults.killed` says what a step is.
"""

from __future__ import annotations

import shutil
import sys
from itertools import count
from pathlib import Path

from modules.kmz_products.request import Product
from tests.faults.backups import content_of
from tests.faults.killed import die_at, import_what_is_imported_by, in_fork
from tests.unit.kmz_products.snapshots import make_kmz


def main(good: Path, new: dict[str, str], stride: int, first: int) -> None:
    """good: a home whose KMZ are of the first of two snapshots; new: what they are of the second."""
    killed = 0
    for number in count(first, stride):
        home = good.with_name(f"home-{number}")
        shutil.copytree(good, home)
        if not in_fork(lambda home=home, number=number: run_killed_at(home, number)):
            break  # it came to its end: there is no such step
        killed += 1
        assert not in_fork(lambda home=home: check_after_kill(home, new)), f"step {number}"
        shutil.rmtree(home)
    print(killed)


def run_killed_at(home: Path, number: int) -> None:
    die_at(home, number)
    make_kmz(home)


def check_after_kill(home: Path, new: dict[str, str]) -> None:
    """The next run sweeps up, carries through what was decided, and leaves what it always leaves."""
    make_kmz(home, products=list(Product))
    kmz = {path: digest for path, digest in content_of(home).items() if "KMZ" in path}
    assert kmz == new


def kmz_of(home: Path) -> dict[str, str]:
    return {path: digest for path, digest in content_of(home).items() if "KMZ" in path}


if __name__ == "__main__":
    prepared = Path(sys.argv[1])
    copy = prepared.with_name("new")
    shutil.copytree(prepared, copy)
    import_what_is_imported_by(lambda: make_kmz(copy))
    main(prepared, kmz_of(copy), int(sys.argv[2]), int(sys.argv[3]))
