"""The whole installation on a real engine: from a fresh clone to a backup that a browser clicked, down and up again.

Where no engine runs, or the base images are not there, it is skipped and says so. Images are built: it takes minutes.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.compose.looking import ADVICE, BADGE, PRODUCTION, STRIP
from tests.compose.rehearsal import Composed, fresh_clone, wait_until, why_not
from tests.unproven import unrehearsed

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(2400)]

ONE_SHOTS = {"deploy", "folders"}
COMPLETED = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
#: What people of this platform have in their fingers: the command, and what its answer has to hold. Where no terminal
#: says how wide it is, Prefect cuts its tables at 80 characters.
COMMANDS = [
    ("ps", "prefect-worker"),
    ("logs --tail 20 prefect-worker", "prefect-worker"),
    ("exec -T -e COLUMNS=200 prefect-server prefect work-pool ls", "local-pool"),
    ("exec -T prefect-server prefect work-pool create local-pool --type process", "already exists"),
    ("exec -T -e COLUMNS=200 prefect-server prefect deployment ls", "backup-lotes"),
    ("exec -T -e COLUMNS=200 prefect-server prefect flow-run ls --limit 20", "COMPLETED"),
    ("exec -T prefect-worker python flows/backup_lotes.py", "updated"),
    ("exec -T prefect-worker python -c 'from flows.hello_world import hello_world; hello_world()'", "Hola, mundo"),
    ("exec -T prefect-worker python -c 'import prefect; print(prefect.__version__)'", "3."),
    (
        "exec -T prefect-worker prefect deployment run 'Backup Databaler Lotes/backup-lotes-daily-3am'",
        "URL: http://127.0.0.1:",  # a link that leads somewhere from outside of the container
    ),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    why = why_not()
    if why:
        unrehearsed(why)
    with fresh_clone(tmp_path_factory.mktemp("clone") / "tranquera") as stack:
        began = time.monotonic()
        stack.compose("build", "--no-cache", "prefect-worker", timeout=1800)
        print(f"built without what was built before in {time.monotonic() - began:.0f} s")
        stack.up()
        yield stack


def test_everything_is_healthy(stack: Composed):
    health = stack.health()
    assert {name: state for name, state in health.items() if name not in ONE_SHOTS} == dict.fromkeys(
        health.keys() - ONE_SHOTS, "healthy"
    )


def test_the_image_is_small_enough(stack: Composed):
    told = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{.Size}}", "tranquera:rehearsal"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(told.stdout) <= 1_200_000_000


def test_what_the_strip_asks_for_can_be_typed_outside_of_the_containers(stack: Composed, page: Page):
    page.goto(stack.dashboard)
    advice = page.locator(ADVICE).filter(has_text=PRODUCTION)
    expect(advice).to_contain_text("docker compose exec dashboard tranquera outputs init", timeout=60_000)


def test_a_browser_clicks_a_backup_and_it_is_there_after_down_and_up(stack: Composed, page: Page):
    click_a_backup(stack, page)
    (snapshot,) = (stack.folder / "test_outputs" / "Backup_Databaler").glob("*/*/manifest.json")
    assert (snapshot.stat().st_uid, snapshot.stat().st_gid) == (1000, 1000)
    before = {path: path.stat().st_mtime for path in (stack.folder / "test_outputs").rglob("*")}
    runs = stack.ask("POST", "/flow_runs/count", {})
    set_the_nightly_backup(stack, active=True)
    schedules = schedules_of(stack)

    stack.compose("down")
    stack.up()

    assert stack.ask("POST", "/flow_runs/count", {}) >= runs
    assert schedules_of(stack) == schedules
    assert [active for _cron, active in schedules["backup-lotes-daily-3am"]] == [True]
    set_the_nightly_backup(stack, active=False)
    assert {path: path.stat().st_mtime for path in (stack.folder / "test_outputs").rglob("*")} == before


def set_the_nightly_backup(stack: Composed, *, active: bool) -> None:
    """Start or pause its schedule, as an operator does: at first none is active."""
    named = {"deployments": {"name": {"any_": ["backup-lotes-daily-3am"]}}}
    (backup,) = stack.ask("POST", "/deployments/filter", named)
    (nightly,) = backup["schedules"]
    change = {"active": active, "parameters": nightly["parameters"]}
    stack.ask("PATCH", f"/deployments/{backup['id']}/schedules/{nightly['id']}", change)


def schedules_of(stack: Composed) -> dict[str, list[tuple[str | None, bool]]]:
    """When each deployment runs by itself, and whether that is active."""
    return {
        made["name"]: [(each["schedule"].get("cron"), each["active"]) for each in made["schedules"]]
        for made in stack.ask("POST", "/deployments/filter", {})
    }


def click_a_backup(stack: Composed, page: Page) -> None:
    page.goto(stack.dashboard)
    page.get_by_role("button", name="Ejecutar respaldo").click()
    page.get_by_role("dialog").get_by_role("button", name="Ejecutar ahora").click()
    page.wait_for_url(re.compile("run="), timeout=60_000)
    run_id = re.search(r"run=([0-9a-f-]{36})", page.url)
    assert run_id is not None
    assert stack.wait_ended(run_id[1], 180) == "COMPLETED"
    expect(page.get_by_text("contraseña que todos conocen")).to_be_visible()


@pytest.mark.parametrize(("command", "said"), COMMANDS, ids=[command for command, _said in COMMANDS])
def test_commands_that_people_have_in_their_fingers(stack: Composed, command: str, said: str):
    import shlex

    assert said in stack.compose(*shlex.split(command), check="already" not in said)


def test_bash_in_a_worker_is_a_prompt_at_a_terminal(stack: Composed):
    ours, theirs = pty.openpty()
    command = ["docker", "compose", "exec", "prefect-worker", "bash"]
    typing = subprocess.Popen(command, cwd=stack.folder, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, b"id; pwd; exit\n")
    said = b""
    with suppress(OSError):  # a terminal that nobody is at any more
        while read := os.read(ours, 1000):
            said += read
    os.close(ours)
    assert typing.wait(20) == 0
    assert b"uid=1000" in said
    assert b"\n/app" in said


def test_up_of_a_worker_brings_what_was_changed_in_its_settings(stack: Composed):
    before = stack.compose("ps", "-q", "prefect-worker")
    stack.compose("up", "-d", "prefect-worker")
    assert stack.compose("ps", "-q", "prefect-worker") == before
    settings = (stack.folder / ".env").read_text()
    (stack.folder / ".env").write_text(f"{settings}WORKER_NAME=galpon\n")
    stack.compose("up", "-d", "prefect-worker")
    assert stack.compose("ps", "-q", "prefect-worker") != before
    (stack.folder / ".env").write_text(settings)
    stack.up()


def test_a_log_that_is_followed_ends_with_ctrl_c_and_nothing_else_does(stack: Composed):
    following = subprocess.Popen(
        ["docker", "compose", "logs", "-f", "prefect-worker"],
        cwd=stack.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert following.stdout is not None
    assert b"prefect-worker" in following.stdout.readline()
    following.send_signal(signal.SIGINT)
    following.communicate(timeout=20)
    assert stack.health()["prefect-worker"] == "healthy"


def test_the_databases_password_is_not_the_dashboards(stack: Composed):
    """It is the known one here, and warned of: click_a_backup. In a file of its own: test_secrets_rehearsal.py."""
    told = stack.compose("exec", "-T", "dashboard", "env").splitlines()
    assert [line for line in told if "PASSWORD" in line] == ["PREFECT_POSTGRES_PASSWORD="]
    assert doctor(stack)["passwords"]["state"] == "warning"


def test_three_workers(stack: Composed):
    stack.compose("up", "-d", "--wait", "--pull", "never", "--scale", "prefect-worker=3")
    workers = stack.ask("POST", "/work_pools/local-pool/workers/filter", {})
    online = {worker["name"] for worker in workers if worker["status"] == "ONLINE"}
    assert online == {"prefect-worker-1", "prefect-worker-2", "prefect-worker-3"}


def test_the_dashboard_refuses_to_be_reached_from_elsewhere_without_a_login(stack: Composed):
    refused = stack.compose(
        "run", "--rm", "--no-deps", "-T", "-e", "TRANQUERA_PUBLISHED_ON=0.0.0.0", "dashboard", check=False, timeout=120
    )
    assert "TRANQUERA_HOSTS" in refused


@pytest.mark.parametrize(
    ("service", "part"), [("redis", "redis"), ("prefect-services", "services"), ("postgres", "database")]
)
def test_the_doctor_names_what_is_stopped(stack: Composed, service: str, part: str):
    stack.compose("stop", service)
    told = doctor(stack)
    stack.up()
    assert told[part]["state"] == "error"
    assert {name for name, each in told.items() if each["state"] == "error"} == {part}
    assert service in told[part]["remedy"]
    assert wait_until(lambda: "error" not in {each["state"] for each in doctor(stack).values()}, 60)


@pytest.mark.parametrize(
    ("service", "sign", "part", "within_s", "advice"),
    [
        ("redis", "error", "servidor", 20, "reiniciar el servicio redis"),
        ("prefect-services", "warning", "servidor", 60, "reiniciar el servicio prefect-services"),
        ("prefect-worker", "error", "worker 0", 45, "reiniciar el servicio prefect-worker"),
    ],
)
def test_the_strip_of_an_open_page_tells_what_is_stopped(
    stack: Composed, page: Page, service: str, sign: str, part: str, within_s: float, advice: str
):
    page.goto(stack.dashboard)
    badges = page.locator(f"{STRIP} {BADGE}")
    bad = badges.filter(has_text=sign).filter(has_not_text=PRODUCTION)
    expect(badges.filter(has_text="servidor")).to_be_visible(timeout=60_000)
    expect(bad).to_have_count(0, timeout=60_000)
    stack.compose("stop", service)
    expect(bad.filter(has_text=part)).to_be_visible(timeout=within_s * 1000)
    expect(page.locator(ADVICE)).to_contain_text(advice)
    expect(bad).to_have_count(1)
    stack.up()
    expect(bad).to_have_count(0, timeout=60_000)


def doctor(stack: Composed) -> dict[str, dict[str, str]]:
    said = stack.compose("exec", "-T", "dashboard", "tranquera", "doctor", "--json", check=False)
    return {each["part"]: each for each in json.loads(said.splitlines()[-1])["parts"]}


def test_a_grid_in_parts_that_processes_of_dask_do(stack: Composed):
    settings = stack.folder / ".env"
    before = settings.read_text()
    settings.write_text(f"{before}TRANQUERA_DASK=2\n")
    stack.up()
    run_id = stack.start("Grilla H3/grilla-h3-weekly", {"resolucion": 9, "test": True})
    assert stack.wait_ended(run_id, 240) == "COMPLETED"
    tasks = stack.ask("POST", "/task_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
    assert {f"Parte {number}/8" for number in range(1, 9)} <= {task["name"] for task in tasks}
    settings.write_text(before)
    stack.up()


@pytest.mark.skipif(os.geteuid() != 0, reason="the database's folder is its own user's: only root can pack it")
def test_an_archive_of_the_folders_goes_on_elsewhere(stack: Composed, tmp_path: Path):
    runs = {run["id"] for run in stack.ask("POST", "/flow_runs/filter", COMPLETED)}
    assert runs
    stack.compose("down")
    subprocess.run(["tar", "-czf", tmp_path / "backup.tar.gz", "data", "logs", "outputs"], cwd=stack.folder, check=True)
    with fresh_clone(tmp_path / "elsewhere") as other:
        subprocess.run(["tar", "-xzf", tmp_path / "backup.tar.gz"], cwd=other.folder, check=True)
        other.up()
        assert {run["id"] for run in other.ask("POST", "/flow_runs/filter", COMPLETED)} >= runs
        assert other.wait_ended(other.start("hello-world/hello-world", {}), 60) == "COMPLETED"
        logs = {path.name for path in (stack.folder / "logs").iterdir()}
        assert logs <= {path.name for path in (other.folder / "logs").iterdir()}
    stack.up()


def test_a_backup_of_the_platform_is_put_back_into_an_empty_folder(stack: Composed):
    """The last one: it takes the stack's data away."""
    stack.compose("run", "--rm", "platform-dump")
    stack.compose("run", "--rm", "platform-backup", "/backups/all.zip", "--logs", "--outputs")
    again = stack.compose("run", "--rm", "platform-backup", "/backups/again.zip", check=False)
    assert "platform-dump" in again  # a dump goes into one archive only
    runs = {run["id"] for run in stack.ask("POST", "/flow_runs/filter", COMPLETED)}
    refused = stack.compose("run", "--rm", "platform-restore", "/backups/all.zip", check=False)
    assert "docker compose down" in refused
    stack.compose("down")
    (stack.folder / "old").mkdir()
    for name in ("data", "logs", "test_outputs"):
        (stack.folder / name).rename(stack.folder / "old" / name)

    stack.compose("run", "--rm", "platform-restore", "/backups/all.zip", "--logs", "--outputs")
    stack.compose("run", "--rm", "platform-database")
    stack.up()

    assert {run["id"] for run in stack.ask("POST", "/flow_runs/filter", COMPLETED)} >= runs
    snapshots = "test_outputs/Backup_Databaler"
    names = {path.name for path in (stack.folder / "old" / snapshots).glob("*/*")}
    assert {path.name for path in (stack.folder / snapshots).glob("*/*")} == names
