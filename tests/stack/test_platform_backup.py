"""A backup of the platform of a running stack, proven on an empty one: history, schedules and files are there again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.stack import operator_changes
from app.stack.prefect_api import Api
from modules.platform_backup.archive import CheckedArchive
from modules.platform_backup.contents import OPERATOR
from tests.conftest import Stack, run_command, start_stack, stop_stack
from tests.prefect_server import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NIGHTLY = "Backup Databaler Lotes/backup-lotes-daily-3am"


def schedules(stack: Stack, name: str = NIGHTLY) -> list[dict[str, Any]]:
    return [
        {key: each[key] for key in ("schedule", "active", "parameters", "slug")}
        for each in ask(stack.prefect_api, "GET", f"/deployments/name/{name}")["schedules"]
    ]


@pytest.fixture
def changed(stack: Stack) -> Iterator[list[dict[str, Any]]]:
    """The nightly backup as an operator moved it: at 4:30, switched on."""
    api = Api(stack.prefect_api)
    before = [each for each in operator_changes.read_changes(api) if each.name == "backup-lotes-daily-3am"]
    backup = ask(stack.prefect_api, "GET", f"/deployments/name/{NIGHTLY}")
    address = f"/deployments/{backup['id']}/schedules/{backup['schedules'][0]['id']}"
    moved = {"cron": "30 4 * * *", "timezone": "America/Argentina/Buenos_Aires"}
    ask(stack.prefect_api, "PATCH", address, {"active": True, "schedule": moved, "parameters": {"test": False}})
    yield schedules(stack)
    operator_changes.put_back(api, before)


def test_what_an_operator_changed_goes_into_the_archive_and_back(
    stack: Stack, changed: list[dict[str, Any]], tmp_path: Path
) -> None:
    saved = stack.command("platform", "backup", str(tmp_path / "x.zip"), "--json")
    told = json.loads(saved.stdout)
    assert (told["database"], told["operator"]) == ("sqlite", True), saved.stderr
    with CheckedArchive(tmp_path / "x.zip") as archive:
        kept = operator_changes.decode(archive.read(OPERATOR))
    (nightly,) = [each for each in kept if each.name == "backup-lotes-daily-3am"]
    assert nightly.schedules[0]["schedule"]["cron"] == "30 4 * * *"

    backup = ask(stack.prefect_api, "GET", f"/deployments/name/{NIGHTLY}")
    ask(stack.prefect_api, "DELETE", f"/deployments/{backup['id']}/schedules/{backup['schedules'][0]['id']}")
    ask(stack.prefect_api, "PATCH", f"/deployments/{backup['id']}", {"paused": True})
    restored = stack.command("platform", "restore", str(tmp_path / "x.zip"), "--operator", "--json")

    assert json.loads(restored.stdout)["missing"] == [], restored.stderr
    assert schedules(stack) == changed
    assert ask(stack.prefect_api, "GET", f"/deployments/name/{NIGHTLY}")["paused"] is False


def test_nothing_is_restored_under_a_stack_that_runs(stack: Stack, tmp_path: Path) -> None:
    stack.command("platform", "backup", str(tmp_path / "x.zip"))
    refused = stack.command("platform", "restore", str(tmp_path / "x.zip"), "--force")
    assert refused.returncode == 1
    assert stack.url in refused.stderr
    assert (stack.home / "data" / "stack.json").exists()


@pytest.mark.timeout(600)
def test_an_empty_home_goes_on_where_the_other_was(stack: Stack, changed: list[dict[str, Any]], tmp_path: Path) -> None:
    assert stack.command("backup", "--json").returncode == 0
    runs = {
        run["id"]
        for run in ask(
            stack.prefect_api, "POST", "/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
        )
    }
    saved = stack.command("platform", "backup", str(tmp_path / "x.zip"), "--outputs", "--logs")
    assert saved.returncode == 0, saved.stderr
    home = tmp_path / "home"
    home.mkdir()

    asked = ("--outputs", "--logs", "--json")
    restored = run_command("platform", "restore", str(tmp_path / "x.zip"), *asked, "--home", str(home))

    assert restored.returncode == 0, restored.stderr
    again = start_stack(home, "--demo-fields", "20", "--no-first-backup")
    try:
        assert schedules(again) == changed
        there = {run["id"] for run in ask(again.prefect_api, "POST", "/flow_runs/filter", {})}
        listed = json.loads(again.command("snapshots", "list", "--json").stdout)["snapshots"]
        verified = again.command("snapshots", "verify")
    finally:
        stop_stack(again.process)
    assert runs <= there
    assert listed
    assert verified.returncode == 0
