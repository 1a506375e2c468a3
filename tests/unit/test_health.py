"""The disk as the first page shows it: that of the folders which runs write to."""

from __future__ import annotations

from pathlib import Path

from app.services.health import Part, PartHealth, check
from app.services.run import Health
from modules.environments import Environment
from modules.settings import load_settings
from modules.storage.roots import Folder, root_of
from tests.faults.disks import make_read_only, mounted_disk


def disk_of(home: Path) -> PartHealth:
    return next(each for each in check(load_settings(home)) if each.part is Part.DISK)


def test_a_product_on_a_full_disk_is_seen_though_the_home_has_room(tmp_path: Path):
    with mounted_disk(root_of(tmp_path, Environment.PRODUCTION) / Folder.H3, size_kb=4096):
        seen = disk_of(tmp_path)
    assert (seen.health, seen.figure) == (Health.BAD, "4,2 MB")


def test_a_read_only_root_does_not_count(tmp_path: Path):
    outputs = root_of(tmp_path, Environment.PRODUCTION)
    with mounted_disk(outputs, size_kb=64):
        make_read_only(outputs)
        assert disk_of(tmp_path).health is not Health.BAD
