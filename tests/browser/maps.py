"""Homes with fields to look at, and waiting for a map."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


def home_with_fields(home: Path, count: int) -> str:
    """Back up so many invented fields; gives the snapshot's id."""
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.fields_snapshot", str(count), str(home)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Path(json.loads(said.splitlines()[-1])["folder"]).name


def wait_until_idle(page: Page) -> Locator:
    """Wait until all tiles of the view are drawn; gives the map."""
    found = page.locator(".field-map")
    expect(found).to_have_attribute("data-state", "idle")
    return found
