"""Grids and KMZ whose parts are done by processes of Dask, through Prefect's server and worker."""

from __future__ import annotations

import multiprocessing.spawn
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from prefect import flow

from flows.dask_spread import DaskSpread
from modules.errors import StackError, StorageError
from modules.kmz_products.request import Product
from tests.conftest import PROJECT, clean_environment
from tests.stack import spread_parts
from tests.stack.slow_runs import SlowRun, SlowServer, all_gone, wait_until
from tests.stack.test_grid import grid
from tests.stack.test_kmz import run as kmz

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.conftest import Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.xdist_group("stack-for-spread")]


@pytest.fixture(scope="module")
def backed_up(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0


@contextmanager
def settings(stack: Stack, text: str) -> Iterator[None]:
    file = stack.home / ".env"
    file.write_text(text)
    try:
        yield
    finally:
        file.unlink()


@pytest.fixture
def asking_the_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Flows of this process have the stack's server."""
    from prefect.context import refresh_global_settings_context

    monkeypatch.setenv("PREFECT_API_URL", stack.prefect_api)
    monkeypatch.setenv("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    refresh_global_settings_context()
    yield
    monkeypatch.undo()
    refresh_global_settings_context()


def spread(where: int | str, function: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
    """Do parts within a flow, and end what did them."""

    @flow(name="spread")
    def doing() -> list[Any]:
        does = DaskSpread(where)
        try:
            with closing(does(function, parts)) as done:
                return list(done)
        finally:
            does.close()

    # In a thread of its own: the browser of other tests leaves a loop running in this one, and Prefect asks for that.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(doing).result()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def tasks_of(stack: Stack, run_id: str) -> list[str]:
    """The names of a run's tasks that completed."""
    wanted = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "flow_runs": {"id": {"any_": [run_id]}}}
    found = httpx.post(f"{stack.prefect_api}/task_runs/filter", json=wanted).raise_for_status().json()
    return sorted(each["name"] for each in found)


def content_of(home: Path, *folders: str) -> dict[str, bytes]:
    root = home / "test_outputs"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in (root / folder).iterdir()
        if path.is_file()
    }


@pytest.mark.usefixtures("backed_up")
def test_a_grid_in_parts_is_the_same_and_its_parts_stand_on_the_page_of_the_run(stack: Stack) -> None:
    state, outcome = grid(stack, resolucion=9)
    assert state["type"] == "COMPLETED", state
    files = [stack.home / "test_outputs" / each["path"] for each in outcome["result"]["files"]]
    whole = {file.name: file.read_bytes() for file in files if file.suffix in {".parquet", ".kmz"}}

    with settings(stack, "TRANQUERA_DASK=2\n"):
        state, spread_outcome = grid(stack, resolucion=9)

    assert state["type"] == "COMPLETED", state
    assert {name: (files[0].parent / name).read_bytes() for name in whole} == whole
    told, before = spread_outcome["result"], outcome["result"]
    same = ("rows", "cells", "hectares", "largest_error", "samples", "points_outside")
    assert [told[name] for name in same] == [before[name] for name in same]
    names = tasks_of(stack, told["run_id"])
    assert names[0].startswith("Armar grilla")
    assert names[1:] == [f"Parte {number}/8" for number in range(1, 9)]


@pytest.mark.thorough
@pytest.mark.usefixtures("backed_up")
def test_kmz_in_parts_are_the_same_byte_for_byte(stack: Stack) -> None:
    folders = [product.value for product in Product]
    assert kmz(stack)["state_type"] == "COMPLETED"
    whole = content_of(stack.home, *folders)

    with settings(stack, "TRANQUERA_DASK=2\n"):
        ended = kmz(stack)

    assert ended["state_type"] == "COMPLETED", ended["state"]
    after = content_of(stack.home, *folders)
    assert sum(name.endswith(".kmz") for name in whole) > 100
    assert after == whole


@pytest.mark.thorough
@pytest.mark.usefixtures("backed_up")
def test_a_scheduler_that_is_not_there_ends_the_run_with_a_sentence_and_changes_nothing(stack: Stack) -> None:
    grid(stack, resolucion=8)
    before = content_of(stack.home, "H3")

    with settings(stack, f"TRANQUERA_DASK=tcp://127.0.0.1:{free_port()}\n"):
        state, outcome = grid(stack, resolucion=8)

    assert state["type"] == "FAILED"
    assert state["message"].startswith("El planificador de Dask en tcp://127.0.0.1:")
    assert "no responde" in state["message"]
    assert outcome["error"]["code"] == "StackError"
    assert content_of(stack.home, "H3") == before


@pytest.mark.thorough
def test_cancelling_a_run_ends_the_processes_that_did_its_parts(stack: Stack, tmp_path: Path) -> None:
    with slow_spread(stack, tmp_path) as (server, run, processes):
        server.post(f"/flow_runs/{run.id}/set_state", {"state": {"type": "CANCELLING"}})

        run.wait_for("CANCELLED", 40)
        assert all_gone(processes)


@pytest.mark.thorough
def test_a_run_that_is_killed_takes_them_along(stack: Stack, tmp_path: Path) -> None:
    with slow_spread(stack, tmp_path) as (_server, run, processes):
        run.engine.kill()

        assert all_gone(processes)


@contextmanager
def slow_spread(stack: Stack, folder: Path) -> Iterator[tuple[SlowServer, SlowRun, list[psutil.Process]]]:
    """A run with two processes at work; all of its processes."""
    server = SlowServer(stack, "slow-spread", "slow_spread_flow.py:slow_spread")
    try:
        run = server.start(folder)
        places = [folder / f"pid-{number}" for number in (1, 2)]
        run.wait_until_under_way()
        assert wait_until(lambda: all(place.exists() and place.read_text() for place in places), 30)
        workers = [psutil.Process(int(place.read_text())) for place in places]
        assert {worker.ppid() for worker in workers} == {run.engine.pid}
        yield server, run, [*run.processes(), *run.engine.children(recursive=True)]
    finally:
        server.clear()


@pytest.mark.usefixtures("asking_the_stack")
class TestProcesses:
    @pytest.mark.thorough
    def test_parts_are_done_by_two_at_once(self) -> None:
        pids = spread(2, spread_parts.pid_after, [0.5] * 6)

        assert len(pids) == 6
        assert len(set(pids)) == 2
        assert os.getpid() not in pids

    @pytest.mark.thorough
    def test_a_part_whose_process_dies_is_done_again(self, tmp_path: Path) -> None:
        markers = [str(tmp_path / name) for name in "ab"]

        assert sorted(spread(2, spread_parts.die_once, markers)) == markers

    @pytest.mark.thorough
    def test_one_that_dies_each_time_ends_the_run_with_a_sentence(self) -> None:
        with pytest.raises(StackError, match="murió, y también los"):
            spread(2, spread_parts.die, [1, 2])

    @pytest.mark.thorough
    def test_processes_that_cannot_be_started_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The interpreter that they would be is not there."""
        monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/nowhere/python")
        with pytest.raises(StackError, match="no se pudieron iniciar"):
            spread(2, spread_parts.pid_after, [0])

    @pytest.mark.thorough
    def test_a_part_that_fails_ends_the_others_and_says_its_own_sentence(self) -> None:
        began = time.monotonic()

        with pytest.raises(StorageError) as caught:
            spread(2, spread_parts.refuse, ["0", "1", "2"])

        assert (caught.value.template, caught.value.values) == ("“{file}” is open.", {"file": "0"})
        assert time.monotonic() - began < 60
        assert not [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]


@pytest.mark.usefixtures("asking_the_stack")
class TestScheduler:
    @pytest.mark.thorough
    def test_workers_of_a_scheduler_do_the_parts_and_stay(self) -> None:
        with scheduler() as (address, process), workers(address) as worker:
            assert len(spread(address, spread_parts.pid_after, [0.1] * 4)) == 4
            assert (process.poll(), worker.poll()) == (None, None)

    @pytest.mark.thorough
    def test_one_without_workers_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("flows.dask_spread._PATIENCE_S", 3.0)
        with scheduler() as (address, _process), pytest.raises(StackError, match="no tiene ningún trabajador"):
            spread(address, spread_parts.pid_after, [0])

    @pytest.mark.thorough
    def test_workers_of_another_version_of_the_program_are_told(self, tmp_path: Path) -> None:
        """Their `flows` knows nothing of Dask: they end with the first part."""
        (tmp_path / "flows").mkdir()
        (tmp_path / "flows" / "__init__.py").touch()
        refused = pytest.raises(StackError, match="la misma versión del programa")
        with scheduler() as (address, _process), workers(address, PYTHONPATH=str(tmp_path)), refused:
            spread(address, spread_parts.pid_after, [0])

    @pytest.mark.thorough
    def test_one_that_dies_during_the_run_is_told(self) -> None:
        with scheduler() as (address, process), workers(address):
            killer = threading.Timer(8, process.kill)
            killer.start()
            with pytest.raises(StackError, match="desaparecieron"):
                spread(address, spread_parts.pid_after, [60, 60])
            killer.join()

    @pytest.mark.thorough
    def test_workers_that_die_during_the_run_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("flows.dask_spread._MOST_DESERTED_LOOKS", 2)
        with scheduler() as (address, _process), workers(address) as worker:
            killer = threading.Timer(8, lambda: _end(worker))
            killer.start()
            with pytest.raises(StackError, match="desaparecieron"):
                spread(address, spread_parts.pid_after, [60, 60])
            killer.join()


@contextmanager
def scheduler() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One as the documentation starts it; its address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    command = ["scheduler", "--host", address, "--no-dashboard"]
    with dask(command) as process:
        yield address, process


@contextmanager
def workers(address: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    command = ["worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    with dask(command, **environment) as process:
        yield process


@contextmanager
def dask(command: Sequence[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dask", *command],  # without the folder that it is started in before all others
        cwd=PROJECT,
        env=clean_environment(**environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a process and what it started end."""
    there = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(20)
    finally:
        for each in there:
            with suppress(psutil.NoSuchProcess):
                each.kill()
