"""What stands where a product's folder belongs: a link, a mount, a folder, or nothing."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Final

from modules.storage.sentinels import SENTINEL

_MOUNTS: Final = Path("/proc/self/mountinfo")
_ESCAPED: Final = re.compile(rb"\\([0-7]{3})")


class Way(StrEnum):
    """How a program of this machine gets to a product's real folder."""

    LINK = "link"
    DANGLING = "dangling"
    MOUNT = "mount"
    FOLDER = "folder"
    FILE = "file"
    NOTHING = "nothing"


def way_of(place: Path) -> Way:
    """Tell what stands at `place`. Raises OSError for a place that cannot be looked at."""
    if place.is_symlink() or _is_junction(place):
        return Way.LINK if place.is_dir() else Way.DANGLING
    if not place.exists():
        return Way.NOTHING
    if not place.is_dir():
        return Way.FILE
    return Way.MOUNT if is_mounted(place) else Way.FOLDER


def is_mounted(place: Path) -> bool:
    """Tell whether something is mounted at `place`, also a folder of the same file system."""
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:  # no Linux
        return place.is_mount()
    points = {_ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), line.split()[4]) for line in lines}
    return os.fsencode(os.path.realpath(place)) in points


def holds_files(place: Path) -> bool:
    """Tell whether a folder holds anything but the mark of production. Raises OSError."""
    return any(entry.name != SENTINEL for entry in place.iterdir())


def leads_to(place: Path, target: str) -> bool:
    """Tell whether a link leads to `target`, whether that is there or not."""
    return os.path.realpath(place) == os.path.realpath(target)


def _is_junction(place: Path) -> bool:
    """Tell whether a folder is a junction of Windows. Only Python 3.12 and later can tell."""
    return bool(getattr(os.path, "isjunction", lambda _place: False)(place))
