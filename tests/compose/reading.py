"""Compose files as Compose itself reads them; no engine is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def compose() -> list[str]:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            asked = subprocess.run([*command, "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                return command
    pytest.skip("no docker compose on this machine")


def config(folder: Path, *files: str, **settings: str) -> dict[str, Any]:
    """Give the services of the files in a folder; by default those that `docker compose up` takes there."""
    services: dict[str, Any] = whole_config(folder, *files, **settings)["services"]
    return services


def whole_config(folder: Path, *files: str, **settings: str) -> dict[str, Any]:
    """Give all that the files in a folder come to."""
    done = subprocess.run(
        [*compose(), *(word for file in files for word in ("-f", file)), "config", "--format", "json"],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read
