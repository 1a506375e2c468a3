"""Settings that were broken after the stack started are told by the run, as any other error."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from prefect.context import refresh_global_settings_context
from prefect.logging import disable_run_logger

from flows.backup_lotes import backup_lotes
from flows.generar_kmz import generar_kmz
from flows.grilla_h3 import grilla_h3


@pytest.fixture
def broken_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home whose settings make no sense, and a server of flows that does not answer."""
    (tmp_path / ".env").write_text("TRANQUERA_LANGUAGE=en\nTRANQUERA_SHRINK_LIMIT=2\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("TRANQUERA_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
    monkeypatch.setenv("PREFECT_CLIENT_MAX_RETRIES", "0")
    refresh_global_settings_context()
    yield
    monkeypatch.undo()
    refresh_global_settings_context()


@pytest.mark.usefixtures("broken_home")
@pytest.mark.parametrize("flow", [backup_lotes, generar_kmz, grilla_h3], ids=lambda flow: flow.name)
def test_a_run_under_broken_settings_fails_with_their_sentence(flow: Any) -> None:
    # In a thread of its own: the browser of other tests leaves a loop running in this one, and Prefect asks for that.
    with disable_run_logger(), ThreadPoolExecutor(max_workers=1) as thread:
        state = thread.submit(flow.fn).result()

    assert state.is_failed()
    assert state.message.startswith("The setting TRANQUERA_SHRINK_LIMIT has to be less than 1.")
