"""A container that cannot begin says why in one sentence: Docker starts it again and again, and shows that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modules.settings import PROJECT
from tests.conftest import clean_environment


def begin(service: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.stack.container", service],
        cwd=PROJECT,
        env=clean_environment(TRANQUERA_HOME=str(home), TRANQUERA_LANGUAGE="en", **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("service", "name", "value", "said"),
    [
        ("portal", "TRANQUERA_SHRINK_LIMIT", "a lot", "TRANQUERA_SHRINK_LIMIT"),
        ("prefect-worker", "TRANQUERA_SHRINK", "0.1", "TRANQUERA_SHRINK"),
        ("prefect-server", "PREFECT_SERVER_DATABASE_PASSWORD_FILE", "/nowhere/password", "/nowhere/password"),
        ("dashboard", "TRANQUERA_PUBLISHED_ON", "192.0.2.5", "no login"),
    ],
)
def test_what_keeps_it_from_beginning_is_one_sentence(tmp_path: Path, service: str, name: str, value: str, said: str):
    done = begin(service, tmp_path, **{name: value})
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"{service}: ")
    assert said in line
