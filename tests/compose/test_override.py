"""What `tranquera links` writes for Docker, as Compose itself reads it; no engine is needed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from modules.settings import PROJECT
from modules.storage.links import override
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable
from modules.storage.links.targets import System
from modules.storage.roots import Folder
from tests.compose.reading import config

CLOUDS = {
    System.LINUX: '/srv/One Drive - Campo\'s ’25 [2] $HOME ${PATH} `x` "y" #z',
    System.WINDOWS: r"C:\Users\Ana\One Drive - Campo's ’25 [2] $HOME ${PATH} `x` #z",
}


@pytest.mark.parametrize("system", System)
def test_compose_mounts_each_product_from_its_real_folder(tmp_path: Path, system: System):
    targets = {folder: str(system.path(CLOUDS[system]) / folder) for folder in Folder}
    shutil.copy(PROJECT / "docker-compose.yml", tmp_path)
    shutil.copytree(PROJECT / "deploy", tmp_path / "deploy")
    (tmp_path / "links.toml").touch()
    before = config(tmp_path, COMPOSE_PROFILES="platform")
    if system.is_here:
        (tmp_path / override.FILE).write_text(override.compose_override(targets))
    else:
        set_up(tmp_path, LinkTable(system, targets), None)
    after = config(tmp_path, COMPOSE_PROFILES="platform")
    assert set(override.SERVICES) <= set(after)
    for name, service in after.items():
        # What Compose prints could be read by it again, so a `$` is written twice in it too.
        volumes = {each["target"]: each for each in service.get("volumes", ())}
        if name in override.SERVICES:
            for folder, target in targets.items():
                mount = volumes.pop(f"/app/outputs/{folder}")
                assert (mount["type"], mount["source"].replace("$$", "$")) == ("bind", target)
                assert mount.get("read_only", False) is (name == override.READER)
            assert volumes["/app/outputs"]["type"] == "tmpfs"
            volumes["/app/outputs"] = next(each for each in before[name]["volumes"] if each["target"] == "/app/outputs")
        if name == override.READER:
            table = volumes.pop("/app/links.toml")
            assert (table["source"], table["read_only"]) == (str(tmp_path / "links.toml"), True)
        # Nothing else is different.
        assert volumes == {each["target"]: each for each in before[name].get("volumes", ())}
        assert service | {"volumes": None} == before[name] | {"volumes": None}


def test_one_more_file_by_the_settings_leaves_the_mounts_where_they_are(tmp_path: Path):
    targets = {folder: f"/srv/campo/{folder}" for folder in Folder}
    for name in ("docker-compose.yml", "docker-compose.replica.example.yml"):
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "deploy", tmp_path / "deploy")
    (tmp_path / override.FILE).write_text(override.compose_override(targets))
    files = os.pathsep.join(["docker-compose.yml", override.FILE, "docker-compose.replica.example.yml"])
    (tmp_path / ".env").write_text(f"COMPOSE_FILE={files}\n")
    services = config(tmp_path)
    assert "prefect-server-2" in services
    mounted = {each["target"] for each in services["prefect-worker"]["volumes"]}
    assert {f"/app/outputs/{folder}" for folder in Folder} <= mounted
