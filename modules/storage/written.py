"""Which folders of a home are written to: the room on their disks is what counts."""

from __future__ import annotations

import os
from pathlib import Path

from modules.environments import Environment
from modules.storage.roots import Folder, root_of


def folders_written(home: Path) -> list[Path]:
    """List the folders there are that runs write to: data and logs, both output roots, the products of production.

    A root on a read-only file system is left out. In a container it is one that holds nothing but mounts, and has no
    room for anything by design.
    """
    production = root_of(home, Environment.PRODUCTION)
    roots = [root_of(home, environment) for environment in (Environment.PRODUCTION, Environment.TEST)]
    found = [place for place in (home / "data", home / "logs") if place.is_dir()]
    found += [root for root in roots if root.is_dir() and not _read_only(root)]
    return found + [place for folder in Folder if (place := production / folder).is_dir()]


def _read_only(place: Path) -> bool:
    # Windows has no such call, and no such mounts.
    return hasattr(os, "statvfs") and bool(os.statvfs(place).f_flag & os.ST_RDONLY)
