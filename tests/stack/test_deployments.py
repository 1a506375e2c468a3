"""Deploying: what the table says is on the server, and what an operator changed there stays."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import PROJECT, Stack, clean_environment
from tests.prefect_server import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.stack

BACKUP = "Backup Databaler Lotes/backup-lotes-daily-3am"


def python(stack: Stack, *arguments: str) -> str:
    """Run Python in the project against the stack's server, as in a terminal beside it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=clean_environment(PREFECT_API_URL=stack.prefect_api),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


def read(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(stack.prefect_api, "GET", f"/deployments/name/{name}")
    return found


@pytest.fixture
def changed(stack: Stack) -> Iterator[dict[str, Any]]:
    """The backup's deployment after an operator moved its schedule to 4:30 and started it, and changed all else."""
    deployment = read(stack, BACKUP)
    schedule = deployment["schedules"][0]
    change = partial(ask, stack.prefect_api, "PATCH")
    address = f"/deployments/{deployment['id']}/schedules/{schedule['id']}"
    moved = {"cron": "30 4 * * *", "timezone": "America/Argentina/Buenos_Aires"}
    # What is not said of parameters, Prefect takes for none.
    change(address, {"active": True, "schedule": moved, "parameters": schedule["parameters"]})
    whole = f"/deployments/{deployment['id']}"
    at_once = {"collision_strategy": "CANCEL_NEW"}
    ask(stack.prefect_api, "POST", "/work_pools/local-pool/queues", {"name": "urgente"})
    change(
        whole,
        {
            "paused": True,
            "parameters": {"campania": "24-25"},
            "tags": [*deployment["tags"], "campaña vieja"],
            "concurrency_limit": 3,
            "concurrency_options": at_once,
            "work_queue_name": "urgente",
            "job_variables": {"command": "python of-before", "env": {"GDAL_CACHEMAX": "64"}},
        },
    )
    yield read(stack, BACKUP)
    kept = ("paused", "parameters", "tags", "work_queue_name", "job_variables")
    change(
        whole,
        {name: deployment[name] for name in kept} | {"concurrency_limit": None, "concurrency_options": None},
    )
    change(
        address,
        {"active": False, "schedule": schedule["schedule"], "parameters": schedule["parameters"]},
    )
    ask(stack.prefect_api, "DELETE", "/work_pools/local-pool/queues/urgente")


def test_the_table_is_deployed_with_its_schedule_paused(stack: Stack) -> None:
    table = {
        f"{row['flow']}/{row['name']}": row for row in json.loads(python(stack, "-m", "flows.deployments", "--json"))
    }

    for name, row in table.items():
        deployment = read(stack, name)
        crons = [schedule["schedule"]["cron"] for schedule in deployment["schedules"]]
        assert crons == ([row["cron"]] if row["cron"] else [])
        assert not any(schedule["active"] for schedule in deployment["schedules"])
        assert deployment["work_pool_name"] == "local-pool"


def test_the_nightly_run_writes_to_production_and_a_run_by_hand_to_test(stack: Stack) -> None:
    deployment = read(stack, BACKUP)

    assert deployment["schedules"][0]["parameters"] == {"test": False}
    assert deployment["schedules"][0]["schedule"]["timezone"] == "America/Argentina/Buenos_Aires"
    assert deployment["parameter_openapi_schema"]["properties"]["test"]["default"] is True


def test_a_form_finds_labels_and_live_choices_in_the_schema(stack: Stack) -> None:
    fields = read(stack, BACKUP)["parameter_openapi_schema"]["properties"]

    assert fields["campania"]["x-label"]["es"] == "Campaña"
    assert fields["campania"]["x-choices"] == "seasons"
    assert fields["campos"]["x-choices"] == "farms"


@pytest.mark.slow
def test_a_flow_run_as_a_script_deploys_itself_and_keeps_what_an_operator_changed(
    stack: Stack, changed: dict[str, Any]
) -> None:
    printed = python(stack, "flows/backup_lotes.py")

    assert "updated" in printed
    redeployed = read(stack, BACKUP)
    [before], [after] = changed["schedules"], redeployed["schedules"]
    kept = ("id", "schedule", "active", "parameters", "slug")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (redeployed["paused"], redeployed["parameters"]) == (True, {"campania": "24-25"})
    assert sorted(redeployed["tags"]) == ["campaña vieja", "tranquera"]
    assert redeployed["global_concurrency_limit"]["limit"] == 3
    assert redeployed["work_queue_name"] == "urgente"
    assert redeployed["job_variables"] == {"command": "python -m flows.warm_engine", "env": {"GDAL_CACHEMAX": "64"}}
    assert redeployed["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


@pytest.mark.slow
def test_job_variables_that_the_pool_takes_no_more_do_not_keep_it_from_being_deployed(
    stack: Stack, changed: dict[str, Any]
) -> None:
    pool = "/work_pools/local-pool"
    template = ask(stack.prefect_api, "GET", pool)["base_job_template"]
    variables = template["variables"]
    narrowed = variables | {"properties": variables["properties"] | {"env": {"type": "string"}}}
    ask(stack.prefect_api, "PATCH", pool, {"base_job_template": template | {"variables": narrowed}})
    try:
        printed = python(stack, "flows/backup_lotes.py")
    finally:
        ask(stack.prefect_api, "PATCH", pool, {"base_job_template": template})

    assert "without its job variables" in printed
    redeployed = read(stack, BACKUP)
    assert redeployed["job_variables"] == {"command": "python -m flows.warm_engine"}
    assert (redeployed["paused"], redeployed["work_queue_name"]) == (True, "urgente")


def test_a_run_without_a_sign_of_life_has_an_automation_that_ends_it(stack: Stack) -> None:
    automations = httpx.post(f"{stack.prefect_api}/automations/filter", json={}).json()

    [zombies] = [entry for entry in automations if entry["trigger"]["after"] == ["prefect.flow-run.heartbeat"]]
    assert zombies["enabled"]
    assert zombies["actions"][0]["state"] == "CRASHED"
