"""Secrets as files, on a real engine: all of it works with them, and nothing shows them.

Where no engine runs, or the base images are not there, it is skipped and says so. Images are built: it takes minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from modules.sources.databaler.simulator.tokens import DEMO_TOKEN
from tests.compose.rehearsal import Composed, fresh_clone, why_not
from tests.unproven import unrehearsed

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(1200)]

SECRETS = {
    "postgres_password": "canary-7f3a ?*:\"<|'",
    "prefect_auth_string": "campo:canary-9b1c ?*:\"<|'",
    "portal_token": DEMO_TOKEN,
    "portal_client_secret": "",
}
SHOWN = re.compile(f"canary|{DEMO_TOKEN}")
#: A portal that lets nobody in without the token: the simulator, under another name, where the stack is told of one.
PORTAL = """
services:
  databaler:
    extends: {file: docker-compose.yml, service: portal}
    entrypoint: [tranquera, portal, --host, databaler, --port, "8600"]
    command: []
    environment:
      TRANQUERA_PORTAL__URL: ""
"""
SERVERS = ("prefect-server", "prefect-server-2")
COMPLETED = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
#: Each asks Prefect's API, in containers of four kinds.
COMMANDS = [
    ("exec -T -e COLUMNS=200 prefect-server prefect work-pool ls", "local-pool"),
    ("exec -T prefect-worker python flows/backup_lotes.py", "updated"),
    ("exec -T dashboard tranquera backup", "Respaldo terminado"),
    ("exec -T -e COLUMNS=200 prefect-services prefect flow-run ls", "COMPLETED"),
    ("run --rm platform-dump", "The database was dumped"),
    ("run --rm platform-backup", "Se volvió a leer entera"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    why = why_not()
    if why:
        unrehearsed(why)
    examples = (f"docker-compose.{name}.example.yml" for name in ("secrets", "replica", "replica-secrets"))
    settings = {
        "COMPOSE_FILE": ":".join(["docker-compose.yml", *examples, "databaler.yml"]),
        "TRANQUERA_PORTAL__URL": "http://databaler:8600",
    }
    with fresh_clone(tmp_path_factory.mktemp("clone") / "tranquera", settings) as stack:
        (stack.folder / "databaler.yml").write_text(PORTAL)
        (stack.folder / "secrets").mkdir(mode=0o700)
        for name, secret in SECRETS.items():
            file = stack.folder / "secrets" / name
            file.write_text(f"{secret}\n" if secret else "")
            file.chmod(0o600)
            if os.geteuid() == 0:
                os.chown(file, 1000, 1000)
        stack.log_in(SECRETS["prefect_auth_string"])
        stack.compose("build", "prefect-worker", timeout=1800)
        stack.up()
        yield stack


def test_everything_is_healthy_and_the_doctor_has_no_error(stack: Composed):
    assert set(stack.health().values()) == {"healthy", "exited"}
    told = stack.compose("exec", "-T", "dashboard", "tranquera", "doctor", "--json", check=False)
    parts = {each["part"]: each for each in json.loads(told.splitlines()[-1])["parts"]}
    assert {name for name, part in parts.items() if part["state"] != "well"} == {"production"}  # not marked yet
    assert "archivo propio" in parts["passwords"]["sentence"]


def test_a_browser_clicks_a_backup_of_what_the_portal_gives_for_the_token(stack: Composed, page: Page):
    page.goto(stack.dashboard)
    page.get_by_role("button", name="Ejecutar respaldo").click()
    page.get_by_role("dialog").get_by_role("button", name="Ejecutar ahora").click()
    page.wait_for_url(re.compile("run="), timeout=60_000)
    found = re.search(r"run=([0-9a-f-]{36})", page.url)
    assert found is not None
    assert stack.wait_ended(found[1], 180) == "COMPLETED"
    expect(page.get_by_text("contraseña que todos conocen")).to_have_count(0)


@pytest.mark.parametrize(("command", "said"), COMMANDS, ids=[command for command, _said in COMMANDS])
def test_a_command_knows_the_secrets_that_its_container_has(stack: Composed, command: str, said: str):
    told = stack.compose(*command.split())
    assert said in told
    assert "no se pudieron" not in told  # a backup of the platform without the schedules would say so


def test_no_secret_is_shown(stack: Composed):
    containers = stack.compose("ps", "-aq").split()
    inspected = subprocess.run(["docker", "inspect", *containers], capture_output=True, text=True, check=True).stdout
    assert not SHOWN.search(inspected)
    for service in ("dashboard", "prefect-worker", *SERVERS, "prefect-services", "postgres"):
        assert not SHOWN.search(stack.compose("exec", "-T", service, "env"))
    assert not SHOWN.search(stack.compose("logs"))
    kept = [path for name in ("logs", "test_outputs", "data/tranquera") for path in (stack.folder / name).rglob("*")]
    assert [path for path in kept if path.is_file() and SHOWN.search(path.read_bytes().decode("latin-1"))] == []


def test_a_backup_of_the_platform_is_put_back_into_an_empty_folder(stack: Composed):
    runs = {run["id"] for run in stack.ask("POST", "/flow_runs/filter", COMPLETED)}
    assert runs
    (archive,) = (stack.folder / "backups").glob("*.zip")  # made by the commands above
    stack.compose("down")
    (stack.folder / "old").mkdir()
    for name in ("data", "logs"):
        (stack.folder / name).rename(stack.folder / "old" / name)

    restored = stack.compose("run", "--rm", "platform-restore", f"/backups/{archive.name}")
    told = stack.compose("run", "--rm", "platform-database")
    stack.up()

    assert not SHOWN.search(restored + told)
    with ZipFile(archive) as packed:
        assert [name for name in packed.namelist() if SHOWN.search(packed.read(name).decode("latin-1"))] == []
    assert {run["id"] for run in stack.ask("POST", "/flow_runs/filter", COMPLETED)} >= runs
    assert stack.wait_ended(stack.start("hello-world/hello-world", {}), 60) == "COMPLETED"


def test_the_known_password_is_known_in_a_file_too(stack: Composed):
    """The last one: only what notes it is asked, as the database keeps its own."""
    (stack.folder / "secrets" / "postgres_password").write_text("prefect\n")
    stack.compose("run", "--rm", "--no-deps", "folders")
    told = stack.compose("exec", "-T", "dashboard", "tranquera", "doctor", "--json", check=False)
    states = {each["part"]: each["state"] for each in json.loads(told.splitlines()[-1])["parts"]}
    assert states["passwords"] == "warning"
