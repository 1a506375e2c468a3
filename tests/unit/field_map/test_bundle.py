"""The map's bundle: its files, its size, its lock, and that it is what the source builds."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess

import pytest

from app.services import map_bundle
from modules.settings import PROJECT
from tests.unproven import unproven

FRONTEND = PROJECT / "app" / "components" / "field_map" / "frontend"


def test_the_worker_stands_beside_the_entry():
    entry = map_bundle.find(map_bundle.version(), "field_map.js").read_text()
    assert "./worker.js" in entry
    assert map_bundle.find(map_bundle.version(), "worker.js").stat().st_size > 100_000


def test_the_bundle_stays_small():
    packed = [len(gzip.compress(path.read_bytes(), 9)) for path in map_bundle.FOLDER.iterdir()]
    assert sum(packed) < 600_000


def test_the_lock_names_no_registry():
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


@pytest.mark.slow
def test_the_bundle_is_what_its_source_builds():
    if shutil.which("npm") is None:
        unproven("npm was not found on this machine")
    done = subprocess.run([str(FRONTEND / "check-bundle")], capture_output=True, text=True, timeout=220, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
