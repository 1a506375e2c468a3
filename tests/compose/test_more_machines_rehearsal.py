"""More machines on a real engine: two servers and two workers share runs; a worker joins from a network of its own.

Where no engine runs, or the base images are not there, it is skipped and says so. Images are built: it takes minutes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from tests.compose.rehearsal import Composed, fresh_clone, why_not
from tests.unproven import unrehearsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.timeout(2400)]

RUNS = 20
#: Each run goes for so many seconds, and logs a line in each.
SECONDS = 5
AUTH = "campo:tranquera abierta"
FAR = "galpon"
#: Who is connected to a server's port from elsewhere: its own addresses are not.
CONNECTED = """
import pathlib
lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
print(sum(line[1].endswith(":1068") and line[3] == "01" and line[1][:8] != line[2][:8] for line in lines))
"""


def address_of_this_machine() -> str:
    """Docker's own bridge: an address of the host that is not loopback, and that none of our networks is."""
    told = subprocess.run(["docker", "network", "inspect", "bridge"], capture_output=True, check=True).stdout
    ours = json.loads(told)[0]["IPAM"]["Config"][0]
    # Not every engine names what it took.
    return str(ours.get("Gateway") or next(ip_network(ours["Subnet"]).hosts()))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that both machines mount."""
    folder = tmp_path_factory.mktemp("shared")
    for name in ("outputs", "test_outputs"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Composed]:
    """Two servers, two workers, the first server published on an address of the host."""
    why = why_not()
    if why:
        unrehearsed(why)
    examples = (f"docker-compose.{name}.example.yml" for name in ("replica", "reachable"))
    settings = {
        "COMPOSE_FILE": ":".join(["docker-compose.yml", *examples]),
        "PREFECT_PUBLISHED_ON": address_of_this_machine(),
        "PREFECT_REACHED_AS": address_of_this_machine(),
        "PREFECT_AUTH_STRING": AUTH,
    }
    with fresh_clone(tmp_path_factory.mktemp("clone") / "tranquera", settings) as stack:
        for name in ("outputs", "test_outputs"):
            shutil.rmtree(stack.folder / name)
            (stack.folder / name).symlink_to(shared / name)
        stack.compose("build", "prefect-worker", timeout=1800)
        stack.up("--scale", "prefect-worker=2")
        stack.deploy_slow()
        yield stack


def connected(stack: Composed, server: str) -> int:
    """Count who is connected to a server from another container."""
    return int(stack.compose("exec", "-T", server, "python", "-c", CONNECTED).split()[-1])


def begun(stack: Composed, run_id: str) -> int:
    """Count how often a run began."""
    states = stack.ask("GET", f"/flow_run_states/?flow_run_id={run_id}")
    return sum(state["type"] == "RUNNING" for state in states)


def taken_by(stack: Composed, run_id: str) -> str:
    run: dict[str, Any] = stack.ask("GET", f"/flow_runs/{run_id}")
    name: str = run["labels"]["prefect.worker.name"]
    return name


def test_two_servers_and_two_workers_share_runs_and_each_runs_once(stack: Composed):
    ids = [stack.start("slow/slow", {"seconds": SECONDS}) for _ in range(RUNS)]
    servers = {name: connected(stack, name) for name in ("prefect-server", "prefect-server-2")}
    states = Counter(stack.wait_ended(run_id, 300) for run_id in ids)
    workers = Counter(taken_by(stack, run_id) for run_id in ids)
    print(f"{RUNS} runs: {dict(states)}; taken by {dict(workers)}; connected to {servers}")

    assert states == {"COMPLETED": RUNS}
    assert {run_id: begun(stack, run_id) for run_id in ids} == dict.fromkeys(ids, 1)
    assert {run_id: stack.wait_lines(run_id, SECONDS) for run_id in ids} == dict.fromkeys(ids, SECONDS)
    assert set(workers) == {"prefect-worker-1", "prefect-worker-2"}
    assert all(servers.values())


def test_a_worker_of_another_network_needs_the_servers_address_and_the_shared_folder(
    stack: Composed, shared: Path, tmp_path: Path
):
    backup = stack.start("Backup Databaler Lotes/backup-lotes-daily-3am", {"test": True})
    assert stack.wait_ended(backup, 180) == "COMPLETED"
    stack.compose("stop", "prefect-worker")
    settings = {
        "COMPOSE_FILE": "docker-compose.worker.example.yml",
        "PREFECT_ADDRESS": f"{address_of_this_machine()}:{stack.prefect.split(':')[2].split('/')[0]}",
        "PREFECT_AUTH_STRING": AUTH,
        "WORKER_NAME": FAR,
        "SHARED": str(shared),
    }
    with fresh_clone(tmp_path / "tranquera", settings) as far:
        far.up()
        assert networks(far, "prefect-worker").isdisjoint(networks(stack, "prefect-server"))
        run_id = stack.start("Generar KMZ/generar-kmz-weekly", {"test": True})
        state = stack.wait_ended(run_id, 300)
        print(f"the run of KMZ {state} on {taken_by(stack, run_id)}, in {networks(far, 'prefect-worker')}")
        assert state == "COMPLETED"
        assert taken_by(stack, run_id) == f"{FAR}-1"
    assert list((shared / "test_outputs").rglob("*.kmz"))
    stack.up("--scale", "prefect-worker=2")


def networks(stack: Composed, service: str) -> set[str]:
    """Tell in which networks a service is."""
    container = stack.compose("ps", "-q", service).split()[0]
    told = subprocess.run(["docker", "inspect", container], capture_output=True, check=True).stdout
    return set(json.loads(told)[0]["NetworkSettings"]["Networks"])
