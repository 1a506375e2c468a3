"""Small and read-only disks, where the system lets a test mount one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unproven import unproven


@contextmanager
def mounted_disk(place: Path, size_kb: int) -> Iterator[Path]:
    """A file system of its own with so much room."""
    place.mkdir(parents=True, exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(place)):
        unproven("this user may not mount a small disk")
    try:
        yield place
    finally:
        # GDAL keeps a file open for a while after it failed to write it.
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def leave_room(place: Path, room_kb: int) -> None:
    """Fill a mounted disk but for so much, whatever filled it before."""
    filler = place / "filler"
    filler.unlink(missing_ok=True)
    free = shutil.disk_usage(place).free
    with filler.open("wb") as file:
        file.write(b"\1" * max(free - room_kb * 1024, 0))


def make_read_only(place: Path) -> None:
    """Turn a mounted disk read-only."""
    if not _mount("-o", "remount,ro", str(place)):
        unproven("this user may not remount a disk")


def _mount(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
