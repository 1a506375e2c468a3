"""The map's bundle: its addresses, its size, its lock, and that it is what the source builds."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess

import pytest

from app.components.field_map import bundle
from modules.settings import PROJECT
from tests.unproven import unproven

FRONTEND = PROJECT / "app" / "components" / "field_map" / "frontend"


def test_an_address_names_a_file_of_the_bundle():
    content, kind = bundle.find(bundle.ENTRY)
    assert kind == "text/javascript"
    assert content.rstrip().endswith(b";")
    assert re.fullmatch(r"/map/[0-9a-f]{16}/field_map\.js", bundle.address())


@pytest.mark.parametrize("name", ["../bundle.py", "bundle.py", "", "/etc/passwd", "field_map.js.map"])
def test_no_other_file_is_found(name: str):
    with pytest.raises(KeyError):
        bundle.find(name)


def test_the_worker_stands_beside_the_entry():
    entry, _kind = bundle.find(bundle.ENTRY)
    assert b"./worker.js" in entry
    assert len(bundle.find("worker.js")[0]) > 100_000


def test_the_bundle_stays_small():
    packed = [len(gzip.compress(path.read_bytes(), 9)) for path in bundle.FOLDER.iterdir()]
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
