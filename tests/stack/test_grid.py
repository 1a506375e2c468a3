"""A grid through Prefect's server and worker, after a backup."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest

from tests.prefect_server import ask

if TYPE_CHECKING:
    from tests.conftest import Stack

pytestmark = pytest.mark.stack

GRID = "Grilla H3/grilla-h3-weekly"
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def grid(stack: Stack, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the deployment to its end: the state, and the outcome that the flow left."""
    deployment = ask(stack.prefect_api, "GET", f"/deployments/name/{GRID}")["id"]
    body = {"parameters": parameters, "idempotency_key": str(uuid4())}
    run = ask(stack.prefect_api, "POST", f"/deployments/{deployment}/create_flow_run", body)["id"]
    deadline = time.monotonic() + 120
    while (state := ask(stack.prefect_api, "GET", f"/flow_runs/{run}")["state"])["type"] not in ENDED:
        assert time.monotonic() < deadline, state
        time.sleep(0.3)
    wanted = {"artifacts": {"flow_run_id": {"any_": [run]}, "key": {"any_": ["resultado"]}}}
    (outcome,) = ask(stack.prefect_api, "POST", "/artifacts/filter", wanted)
    return state, outcome["data"] if isinstance(outcome["data"], dict) else json.loads(outcome["data"])


@pytest.mark.slow
def test_a_grid_is_made_of_the_newest_backup(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0

    state, outcome = grid(stack, resolucion=9)

    assert state["type"] == "COMPLETED"
    assert state["message"].startswith("Grilla terminada: 60 lotes")
    result = outcome["result"]
    assert (result["environment"], result["fields"], result["resolution"]) == ("test", 60, 9)
    table = pq.read_table(stack.home / "test_outputs" / result["files"][0]["path"])
    assert len(table) == result["rows"]
    assert set(table.column_names) > {"h3", "h3_texto", "superficie_ha"}


@pytest.mark.thorough
@pytest.mark.slow
def test_a_farm_that_is_not_there_ends_the_grid_with_a_sentence(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0

    state, outcome = grid(stack, campos=["Las Brujas"])

    assert state["type"] == "FAILED"
    assert "Las Brujas" in state["message"]
    assert outcome["error"]["code"] == "RequestError"


@pytest.mark.thorough
@pytest.mark.slow
def test_the_command_makes_a_grid_and_tells_it_in_one_object(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0

    ended = stack.command("grid", "--resolucion", "8", "--json")

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["state"], told["environment"], told["resolution"], told["proposed"]) == ("Completed", "test", 8, False)
    assert (told["fields"], told["warnings"]) == (60, [])
    assert all((stack.home / "test_outputs" / file["path"]).is_file() for file in told["files"])

    failed = stack.command("grid", "--campo", "Las Brujas", "--json")

    assert failed.returncode == 1
    told = json.loads(failed.stdout)
    assert (told["state"], told["files"], told["warnings"]) == ("Failed", None, None)
    assert "Las Brujas" in told["error"]
