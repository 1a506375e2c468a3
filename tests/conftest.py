"""What every test may use: a home of its own, and one embedded stack for the whole run."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.chromium import browser, page
from tests.prefect_tables import lay_tables, make_tables

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["browser", "page"]  # fixtures that are found here
os.environ.pop("TRANQUERA_TYPED", None)  # sentences name the command as it is called by itself
PROJECT = Path(__file__).resolve().parent.parent
_START_LIMIT_S = 200

# A property says nothing about time: on a busy machine an example may take long.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@dataclass(frozen=True)
class Stack:
    """A running embedded stack."""

    home: Path
    process: subprocess.Popen[str]
    url: str
    prefect_api: str
    portal_url: str

    def command(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `tranquera …` against this stack's home."""
        return run_command(*arguments, "--home", str(self.home), timeout=timeout)

    def state(self) -> dict[str, Any]:
        """What `tranquera status --json` tells."""
        told: dict[str, Any] = json.loads(self.command("status", "--json").stdout)
        return told


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what a developer's shell says to Tranquera or Prefect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRANQUERA_", "PREFECT_"))}
    return kept | {"PYTHONPATH": str(PROJECT)} | more


def run_command(*arguments: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would, and wait."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=PROJECT,
        env=clean_environment(**more),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start_stack(home: Path, *options: str, **more: str) -> Stack:
    """Start `tranquera up` in `home` and wait until it says that it is ready."""
    log = home.parent / f"{home.name}.up.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--home", str(home), "--no-browser", *options],
            cwd=PROJECT,
            env=clean_environment(**more),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    deadline = time.monotonic() + _START_LIMIT_S
    while "ready http" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            try:
                stop_stack(process)
            finally:
                pytest.fail(f"the stack did not start:\n{log.read_text()}")
        time.sleep(0.1)
    told = json.loads((home / "data" / "stack.json").read_text())
    return Stack(home, process, told["dashboard"], told["prefect_api"], told["portal"])


def stop_stack(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C and wait. Nothing of it may be left then."""
    if process.poll() is not None:
        return
    family = family_of(process)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()  # its parts follow it
        raise
    assert not alive(family)


def end_stack(stack: Stack) -> None:
    """Stop it from another terminal. Nothing of it may be left then."""
    family = family_of(stack.process)
    try:
        told = stack.command("down")
        assert told.returncode == 0, told.stderr
        stack.process.wait(60)
    finally:
        stop_stack(stack.process)
    assert len(family) > 5
    assert not alive(family)
    assert not (stack.home / "data" / "stack.json").exists()


def family_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """A process and all that came of it."""
    first = psutil.Process(process.pid)
    return [first, *first.children(recursive=True)]


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run. One that ended and waits for somebody to ask how does not."""
    return [process for process in family if process.is_running() and _status(process) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


#: What tests of this process share, while it runs.
_SHARED: list[Stack] = []


def end_shared() -> None:
    while _SHARED:
        end_stack(_SHARED.pop())


@pytest.fixture(scope="session")
def tables(pytestconfig: pytest.Config) -> Path:
    """A database with Prefect's tables and nothing in them. It is kept from one run of the tests to the next."""
    return make_tables(pytestconfig.cache.mkdir("prefect-tables"))


@pytest.fixture
def second_home(tmp_path: Path, tables: Path) -> Path:
    """A home where a stack was started before, which takes half the time of a first start."""
    home = tmp_path / "home"
    lay_tables(home, tables)
    return home


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """One embedded stack with 60 demo fields for all tests of a process, without any backup at first."""
    home = tmp_path_factory.mktemp("stack") / "home"
    if any(item.get_closest_marker("slow") for item in request.session.items):
        lay_tables(home, request.getfixturevalue("tables"))
    else:
        home.mkdir()  # without the slow tests this is the only first start, with tables that the server makes itself
    running = start_stack(home, "--demo-fields", "60", "--no-first-backup")
    _SHARED.append(running)
    yield running
    end_shared()


@pytest.fixture(scope="session")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a backup of twelve invented fields of three farms, one for a process. Tests copy it, and leave it."""
    from tests.faults.backups import back_up, settings_of
    from tests.unit.changes.evolved import FIRST
    from tests.unit.snapshots.invented import source_of

    home = tmp_path_factory.mktemp("twelve")
    back_up(settings_of(home), source_of(12), run_id=FIRST)
    return home


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real field boundaries and KML files."""
    folder = os.environ.get("TRANQUERA_REAL_DATA")
    if not folder:
        pytest.skip("TRANQUERA_REAL_DATA does not name the folder with real field boundaries")
    return Path(folder)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs the shared stack in one process, so that it is started once; what a module made, in one as well.

    Of the slow tests those in a browser share another stack, in a process beside it: all in one would take too long.
    Slow ones that need neither stack nor browser are spread. A module of many slow ones names a group itself.

    What takes long comes first, so that the processes end together: what shares a stack, then what starts its own.
    """
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        if "stack" in item.fixturenames:
            aside = all(item.get_closest_marker(mark) for mark in ("slow", "browser"))
            item.add_marker(pytest.mark.xdist_group("stack-in-browser" if aside else "stack"))
        elif any(map(item.get_closest_marker, ("stack", "browser"))) or not item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: (not _shares_a_stack(item), item.get_closest_marker("stack") is None))


@pytest.hookimpl(trylast=True)  # the module has put away what it made on it by then
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the shared stack after the last module with tests on it: standing idle takes a fifth of a processor."""
    if nextitem is None or (nextitem.path != item.path and not _shares_a_stack(nextitem)):
        end_shared()


def _shares_a_stack(item: pytest.Item) -> bool:
    group = item.get_closest_marker("xdist_group")
    return group is not None and group.args[0].startswith("stack")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from what stays to the end: modules and thousands of tests.

    It would go through them while they come to be, and again and again afterwards.
    """
    gc.disable()
    collected = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return collected
