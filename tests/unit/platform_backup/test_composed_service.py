"""What the service `platform-restore` runs, as docker-compose.yml says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from app.cli import cli
from app.stack import operator_changes
from modules.platform_backup.contents import OPERATOR
from modules.platform_backup.saving import Wanted, save
from modules.settings import PROJECT
from tests.conftest import run_command

NIGHTLY = operator_changes.OperatorChange("Backup", "nightly", paused=False, parameters={}, schedules=[])


def test_the_first_of_two_commands_says_that_the_database_is_ready_and_not_back(tmp_path: Path):
    dump, archive = tmp_path / "saved.dump", tmp_path / "x.zip"
    dump.write_bytes(b"PGDMP and more")
    save(Wanted(tmp_path / "old", "composed", "3.9.1", dump=dump), archive)
    ready = tmp_path / "ready.dump"
    done = run_command(
        *("platform", "restore", str(archive), "--dump", str(ready)),
        PREFECT_API_URL="http://127.0.0.1:9/api",
        TRANQUERA_HOME=str(tmp_path / "new"),
        TRANQUERA_LANGUAGE="en",
    )
    assert done.returncode == 0, done.stderr
    assert "its database laid ready." in done.stderr
    assert "put back" not in done.stderr
    assert "Now the database: docker compose run --rm platform-database" in done.stderr
    assert ready.read_bytes() == dump.read_bytes()


def test_what_was_changed_in_an_embedded_installation_goes_into_the_composed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The archive has no dump of PostgreSQL, and the server runs: both are no matter for --operator."""
    archive = tmp_path / "everything.zip"
    save(Wanted(tmp_path / "home", "embedded", "3.9.1", operator=operator_changes.encode([NIGHTLY])), archive)
    asked: list[Any] = []

    def put_back(api: Any, changes: list[operator_changes.OperatorChange]) -> operator_changes.PutBack:
        asked.extend(changes)
        return operator_changes.PutBack([change.name for change in changes], [], {})

    monkeypatch.setattr(operator_changes, "put_back", put_back)
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect-server:4200/api")
    service = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]["platform-restore"]
    python, option, module, *words = service["entrypoint"]
    assert (python, option, module) == ("python", "-m", "app.cli")
    assert "networks" not in service, "on the default network, where Prefect's server is"
    done = CliRunner().invoke(cli, [*words, str(archive), "--operator", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"deployments": ["nightly"], "missing": [], "refused": {}, "left_out": {}}
    assert asked == [NIGHTLY]
    assert OPERATOR == "operator.json", "as docs/operations.md calls it"
