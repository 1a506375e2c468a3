"""The disk as the first page shows it: that of the folders which runs write to. What an operator types."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.services.health import Part, PartHealth, check
from app.services.run import Health
from modules.environments import Environment
from modules.settings import PROJECT, load_settings
from modules.storage.roots import Folder, root_of
from modules.typed import IN_A_CONTAINER, TYPED
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


def test_nobody_is_told_to_restart_a_portal_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.services.health._PATIENCE_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("TRANQUERA_PORTAL__URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("TRANQUERA_PORTAL__CLIENT_ID", "campo")
        monkeypatch.setenv("TRANQUERA_PORTAL__CLIENT_SECRET", "secreto")
        portal = next(each for each in check(load_settings(tmp_path)) if each.part is Part.PORTAL)
    assert portal.health is Health.WARNING
    assert portal.advice is not None
    assert portal.advice.sentence().endswith("si sigue igual, preguntar a quien lo administra.")


def test_what_is_to_be_typed_goes_into_a_container_where_the_image_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def said() -> str:
        production = next(each for each in check(load_settings(tmp_path)) if each.part is Part.PRODUCTION)
        assert production.advice is not None
        return production.advice.sentence()

    assert said().endswith("Para prepararlas: tranquera outputs init")
    monkeypatch.setenv(TYPED, IN_A_CONTAINER)
    assert said().endswith("Para prepararlas: docker compose exec dashboard tranquera outputs init")
    assert f'{TYPED}="{IN_A_CONTAINER}"' in (PROJECT / "Dockerfile").read_text()
