from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.stack import parts, ports
from app.stack.options import UpOptions
from app.stack.parts import Addresses
from modules.errors import StackError
from modules.settings import Settings
from tests.conftest import PROJECT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def unused() -> int:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_the_usual_port_is_taken_when_it_is_free(unused: int) -> None:
    assert ports.choose(unused, set()) == unused


def test_another_is_chosen_when_a_program_listens_at_the_usual_one(listening: int) -> None:
    chosen = ports.choose(listening, set())

    assert chosen != listening
    assert ports.is_free(chosen)


def test_a_port_that_was_asked_for_and_is_in_use_is_refused(listening: int) -> None:
    with pytest.raises(StackError, match=str(listening)):
        ports.wanted(None, listening)


def test_a_port_that_was_asked_for_twice_is_refused(unused: int) -> None:
    with pytest.raises(StackError, match=f"{unused}.*dos veces"):
        Addresses.choose(UpOptions(port=unused, prefect_port=unused), Settings(_env_file=None))


def test_a_usual_port_gives_way_to_one_that_was_asked_for(unused: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_USUAL_DASHBOARD_PORT", unused)

    addresses = Addresses.choose(UpOptions(prefect_port=unused), Settings(_env_file=None))

    assert addresses.prefect_port == unused
    assert addresses.dashboard_port != unused


def test_two_stacks_that_start_at_the_same_moment_do_not_choose_the_same(unused: int) -> None:
    """Neither listens yet: what keeps them apart is that the first has said that it will."""
    program = f"from app.stack.ports import choose; print(choose({unused}, set()), flush=True); input()"
    first, second = (
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    )
    chosen = [int(process.stdout.readline()) for process in (first, second)]
    for process in (first, second):
        process.communicate("\n", timeout=20)

    assert sorted(port == unused for port in chosen) == [False, True]
