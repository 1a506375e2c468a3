"""`tranquera doctor` on the real embedded stack: well when it is, and each fault told as itself."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from app.doctor.asking import ask_all
from app.doctor.findings import Part, State
from app.doctor.installation import find_installation
from app.doctor.report import judge, questions
from app.services.passwords import note_password
from modules.run_protocol import WORK_POOL
from modules.settings import KNOWN_PASSWORD, load_settings
from tests.conftest import Stack, run_command, start_stack, stop_stack
from tests.prefect_server import ask
from tests.stack.slow_runs import wait_until
from tests.stack.test_deployments import python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.doctor.findings import Finding

pytestmark = pytest.mark.stack

#: What a home without folders of production says of itself when everything runs.
EMBEDDED = {
    "versions", "server", "database", "services", "workers", "engine", "pool", "deployments", "safety-net", "portal",
    "dashboard", "disk", "growth", "production", "clock",
}  # fmt: skip


def look(stack: Stack, *names: str) -> dict[Part, Finding]:
    """Ask only what `names` say: an event takes five seconds to come back."""
    installation = find_installation(load_settings(stack.home), home_was_named=True)
    asked = questions(installation)
    findings = judge(installation, ask_all({name: asked[name] for name in names}))
    return {finding.part: finding for finding in findings}


@contextmanager
def patched(stack: Stack, path: str, change: dict[str, Any], back: dict[str, Any]) -> Iterator[None]:
    ask(stack.prefect_api, "PATCH", path, change)
    try:
        yield
    finally:
        ask(stack.prefect_api, "PATCH", path, back)


def test_a_running_stack_is_well_but_for_production(stack: Stack) -> None:
    ended = stack.command("doctor", "--json")
    told = json.loads(ended.stdout)
    states = {part["part"]: part["state"] for part in told["parts"]}
    assert states.keys() == EMBEDDED, ended.stderr
    assert {name for name, state in states.items() if state != "well"} == {"production"}, told
    assert (ended.returncode, told["state"], told["installation"]) == (1, "warning", "embedded")


@pytest.mark.slow
def test_a_pool_that_somebody_paused_is_told_with_the_command_that_mends_it(stack: Stack) -> None:
    with patched(stack, f"/work_pools/{WORK_POOL}", {"is_paused": True}, {"is_paused": False}):
        finding = look(stack, "server", "pool")[Part.POOL]
    assert finding.state is State.WARNING
    assert f"work-pool resume {WORK_POOL}" in finding.remedy
    assert look(stack, "server", "pool")[Part.POOL].state is State.WELL


@pytest.mark.slow
def test_an_automation_that_is_switched_off_is_told(stack: Stack) -> None:
    (zombies,) = [
        each
        for each in ask(stack.prefect_api, "POST", "/automations/filter", {})
        if each["trigger"]["after"] == ["prefect.flow-run.heartbeat"]
    ]
    with patched(stack, f"/automations/{zombies['id']}", {"enabled": False}, {"enabled": True}):
        finding = look(stack, "server", "net", "table")[Part.SAFETY_NET]
    assert (finding.state, finding.facts["automation"]) == (State.WARNING, False)


@pytest.mark.slow
def test_a_deployment_that_drifted_and_one_that_is_gone(stack: Stack) -> None:
    hello = ask(stack.prefect_api, "GET", "/deployments/name/hello-world/hello-world")
    before = look(stack, "server", "deployed", "table")[Part.DEPLOYMENTS]
    address = f"/deployments/{hello['id']}"
    with patched(stack, address, {"entrypoint": "flows/older.py:older"}, {"entrypoint": hello["entrypoint"]}):
        drifted = look(stack, "server", "deployed", "table")[Part.DEPLOYMENTS]
    with patched(
        stack, address, {"work_pool_name": None, "tags": []}, {"work_pool_name": WORK_POOL, "tags": hello["tags"]}
    ):
        unassigned = look(stack, "server", "deployed", "table")[Part.DEPLOYMENTS]
    assert before.state is State.WELL
    assert drifted.state is State.WARNING
    assert drifted.facts["drifted"] == {"hello-world": ["entrypoint"]}
    assert "tags" in unassigned.facts["drifted"]["hello-world"]


@pytest.mark.slow
def test_a_schedule_to_production_makes_unready_folders_an_error(stack: Stack) -> None:
    backup = ask(stack.prefect_api, "GET", "/deployments/name/Backup%20Databaler%20Lotes/backup-lotes-daily-3am")
    address = f"/deployments/{backup['id']}/schedules/{backup['schedules'][0]['id']}"
    on = {"active": True, "parameters": {"test": False}}
    with patched(stack, address, on, {**on, "active": False}):
        seen = look(stack, "server", "deployed", "table", "production")
    assert seen[Part.PRODUCTION].state is State.ERROR
    assert seen[Part.DEPLOYMENTS].state is State.WELL
    assert seen[Part.DEPLOYMENTS].facts["changed_by_operator"]["backup-lotes-daily-3am"] == ["active"]


@pytest.mark.slow
def test_a_schedule_that_was_switched_on_as_prefects_command_line_does_it(stack: Stack) -> None:
    """That empties its parameters; deploying again brings them back, and keeps it switched on."""
    name = "Backup Databaler Lotes/backup-lotes-daily-3am"
    backup = ask(stack.prefect_api, "GET", f"/deployments/name/{name}")
    address = f"/deployments/{backup['id']}/schedules/{backup['schedules'][0]['id']}"
    with patched(stack, address, {"active": True}, {"active": False, "parameters": {"test": False}}):
        finding = look(stack, "server", "deployed", "table")[Part.DEPLOYMENTS]
        python(stack, "flows/backup_lotes.py")
        again = look(stack, "server", "deployed", "table")[Part.DEPLOYMENTS]
        (kept,) = ask(stack.prefect_api, "GET", f"/deployments/name/{name}")["schedules"]
    assert finding.state is State.ERROR
    assert finding.facts["emptied_schedules"] == ["backup-lotes-daily-3am"]
    assert again.state is State.WELL
    assert (kept["active"], kept["parameters"]) == (True, {"test": False})


@pytest.mark.slow
def test_from_a_container_of_the_composed_stack_the_same_server_is_asked(stack: Stack, tmp_path: Path) -> None:
    """There the address of the server comes from the environment, and no stack runs in the home."""
    (tmp_path / "data").mkdir()
    note_password(tmp_path, KNOWN_PASSWORD, in_file=False)
    deadline = time.monotonic() + 120
    while True:
        ended = run_command(
            "doctor",
            "--json",
            TRANQUERA_HOME=str(tmp_path),
            TRANQUERA_PUBLISHED_ON="127.0.0.1",
            TRANQUERA_DEMO_PORTAL=stack.portal_url,
            PREFECT_API_URL=stack.prefect_api,
        )
        told = json.loads(ended.stdout)
        states = {part["part"]: part["state"] for part in told["parts"]}
        # A worker that another test killed is missed for a while.
        if states["workers"] == "well" or time.monotonic() > deadline:
            break
        time.sleep(5)
    assert told["installation"] == "composed"
    assert states.keys() == (EMBEDDED - {"engine"}) | {"redis", "passwords"}
    assert [states[name] for name in ("server", "database", "redis", "services", "workers", "portal")] == ["well"] * 6
    assert states["passwords"] == "warning"


def test_a_home_where_nothing_runs(tmp_path: Path) -> None:
    ended = run_command("doctor", "--home", str(tmp_path), TRANQUERA_LANGUAGE="en")
    assert ended.returncode == 1
    assert f"Tranquera does not run in {tmp_path}" in ended.stdout
    assert "→ tranquera up" in ended.stdout
    assert "deployments" not in ended.stdout


def test_settings_that_make_no_sense_are_the_finding(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_SHRINK_LIMIT=2\n")
    ended = run_command("doctor", "--json", "--home", str(tmp_path))
    told = json.loads(ended.stdout)
    assert ended.returncode == 2
    assert [(part["part"], part["state"]) for part in told["parts"]] == [("settings", "error")]


@pytest.fixture
def frozen(second_home: Path) -> Iterator[Stack]:
    """A stack whose supervisor is asleep, so that what dies stays dead."""
    stack = start_stack(second_home, "--demo-fields", "20", "--no-first-backup")
    os.kill(stack.process.pid, signal.SIGSTOP)
    yield stack
    os.kill(stack.process.pid, signal.SIGCONT)
    stop_stack(stack.process)


def kill(stack: Stack, name: str) -> None:
    parts = json.loads((stack.home / "data" / "stack.json").read_text())["parts"]
    process = psutil.Process(next(part["pid"] for part in parts if part["name"] == name))
    for each in [process, *process.children(recursive=True)]:
        each.kill()


@pytest.mark.thorough
@pytest.mark.slow
def test_each_part_that_dies_is_told_as_itself(frozen: Stack) -> None:
    kill(frozen, "prefect-worker")
    kill(frozen, "prefect-engine")
    kill(frozen, "dashboard")
    kill(frozen, "portal")
    seen = look(frozen, "server", "engine", "dashboard", "portal")
    assert {part: finding.state for part, finding in seen.items()} == {
        Part.SERVER: State.WELL,
        Part.DATABASE: State.WELL,
        Part.ENGINE: State.WARNING,
        Part.DASHBOARD: State.ERROR,
        Part.PORTAL: State.ERROR,
    }
    assert wait_until(lambda: look(frozen, "server", "workers")[Part.WORKERS].state is State.WARNING, 30)
    assert wait_until(lambda: look(frozen, "server", "workers")[Part.WORKERS].state is State.ERROR, 30)

    kill(frozen, "prefect-server")
    ended = frozen.command("doctor", "--json")
    told = {part["part"]: part for part in json.loads(ended.stdout)["parts"]}
    assert ended.returncode == 2
    assert told["server"]["state"] == "error"
    assert "prefect-server.log" in told["server"]["remedy"]
    assert {told[name]["state"] for name in ("workers", "pool", "deployments", "services")} == {"unknown"}
    assert told["database"]["state"] == "well"


@pytest.mark.thorough
@pytest.mark.slow
def test_a_stack_that_was_killed_is_told_apart_from_one_that_was_stopped(second_home: Path) -> None:
    stack = start_stack(second_home, "--demo-fields", "20", "--no-first-backup")
    stack.process.kill()
    stack.process.wait(10)
    ended = run_command("doctor", "--home", str(second_home), TRANQUERA_LANGUAGE="en")
    assert ended.returncode == 1
    assert "was interrupted" in ended.stdout
