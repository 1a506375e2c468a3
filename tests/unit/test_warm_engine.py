"""The warm engine without a server of flows: same output and status as the engine it stands for, wherever it runs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from flows.warm_engine.exchange import Request
from modules import engine_socket
from tests.conftest import PROJECT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not engine_socket.SUPPORTED, reason="the warm engine stands on Linux's pidfd and prctl")

#: An engine started with this says so on standard error and ends with status 1, without asking any server.
NO_RUN = "no-run-id"


def engine(home: Path, module: str = "flows.warm_engine", **more: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(TRANQUERA_HOME=str(home), PREFECT_HOME=str(home / "prefect"), **more)
    command = [sys.executable, "-m", module, NO_RUN]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def deep_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home too deep for the address of a Unix socket."""
    home = tmp_path_factory.mktemp("warm") / "/".join(["a-folder-with-a-long-name"] * 6)
    home.mkdir(parents=True)
    return home


@pytest.fixture(scope="module")
def warm_home(deep_home: Path) -> Iterator[Path]:
    """A home in which a warm engine runs."""
    environment = clean_environment(TRANQUERA_HOME=str(deep_home), PREFECT_HOME=str(deep_home / "prefect"))
    server = subprocess.Popen([sys.executable, "-m", "flows.warm_engine.server"], cwd=PROJECT, env=environment)
    socket_file = deep_home / "data" / "engine" / "socket"
    deadline = time.monotonic() + 60
    while not socket_file.exists():
        assert server.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield deep_home
    server.terminate()
    assert server.wait(10) == 0


def test_a_warm_engine_ends_as_the_engine_does(warm_home: Path) -> None:
    warm = engine(warm_home)
    plain = engine(warm_home, module="prefect.engine")

    assert (warm.returncode, warm.stdout) == (plain.returncode, plain.stdout) == (1, "")
    assert NO_RUN in warm.stderr


def test_the_server_holds_nothing_that_people_edit_and_no_thread() -> None:
    code = """
import sys, threading
from flows.warm_engine.server import import_prefect
import_prefect()
print(threading.active_count(), *sorted(name for name in sys.modules if name.partition(".")[0] in {"flows", "modules"}))
"""

    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)

    own = ["flows", "flows.warm_engine", "flows.warm_engine.exchange", "flows.warm_engine.server"]
    assert told.stdout.split() == ["1", *own, "modules", "modules.engine_socket", "modules.orphans"]


def test_without_a_server_the_client_becomes_the_engine(tmp_path: Path) -> None:
    cold = engine(tmp_path)

    assert cold.returncode == 1
    assert NO_RUN in cold.stderr


def test_only_its_owner_can_enter_the_folder_of_the_socket(warm_home: Path) -> None:
    folder = warm_home / "data" / "engine"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == os.getuid()


@pytest.mark.parametrize(
    ("name", "fits"), [("PYTHONPATH", False), ("LD_LIBRARY_PATH", False), ("TZ", False), ("TRANQUERA_LANGUAGE", True)]
)
def test_what_an_interpreter_reads_at_its_start_has_to_be_the_same(name: str, fits: bool) -> None:
    here = Request.of_this_process()

    there = here._replace(environment=here.environment | {name: "/another"})

    assert here.fits_this_process()
    assert there.fits_this_process() == fits
