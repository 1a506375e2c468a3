"""A company's own flow, as docs/new-flow has it: copied, put on the path, deployed, run, and seen by its sentence.

On a first start from nothing, with its first backup. Other slow tests begin with tables that are there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import PROJECT, clean_environment, start_stack, stop_stack
from tests.prefect_server import ask
from tests.stack.slow_runs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_a_flow_of_ones_own_runs_with_modules_of_ones_own(tmp_path: Path) -> None:
    home, flows = tmp_path / "home", tmp_path / "flujos"
    home.mkdir()
    shutil.copytree(PROJECT / "docs" / "new-flow", flows)
    stack = start_stack(home, "--demo-fields", "20", TRANQUERA_MODULE_PATHS=str(flows))
    environment = clean_environment(PREFECT_API_URL=stack.prefect_api, PREFECT_HOME=str(tmp_path / "prefect"))
    try:
        subprocess.run(
            [sys.executable, "contar_cultivos.py"],
            cwd=flows,
            env={name: value for name, value in environment.items() if name != "PYTHONPATH"},
            check=True,
        )
        api = stack.prefect_api
        assert wait_until(lambda: "COMPLETED" in states(api, "backup-lotes-daily-3am"), 60)
        deployment = ask(api, "GET", "/deployments/name/Contar cultivos/contar-cultivos-weekly")
        assert [each["active"] for each in deployment["schedules"]] == [False]
        run = ask(api, "POST", f"/deployments/{deployment['id']}/create_flow_run", {})["id"]
        assert wait_until(lambda: state_of(api, run)["type"] in {"COMPLETED", "FAILED", "CRASHED"}, 60)
        state = state_of(api, run)
    finally:
        stop_stack(stack.process)
    assert state["type"] == "COMPLETED", state["message"]
    assert re.fullmatch(r"(.+ [0-9.]+ ha(, )?)+", state["message"])


def state_of(api: str, run: str) -> dict[str, Any]:
    """The state of a run; `{"type": "SCHEDULED", …}` before it has begun."""
    state: dict[str, Any] = ask(api, "GET", f"/flow_runs/{run}")["state"]
    return state


def states(api: str, deployment: str) -> list[str]:
    """The states of a deployment's runs."""
    asked = {"deployments": {"name": {"any_": [deployment]}}}
    return [run["state_type"] for run in ask(api, "POST", "/flow_runs/filter", asked)]
