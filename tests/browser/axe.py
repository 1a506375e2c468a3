"""axe-core in a page: what it finds serious."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from filelock import FileLock
from playwright.sync_api import Page

from tests.conftest import PROJECT
from tests.unproven import unproven

_FRONTEND = PROJECT / "app" / "components" / "field_map" / "frontend"
#: Of its own: a test beside builds the bundle anew, and the packages in its folder come and go meanwhile.
_AXE = PROJECT / ".venv" / "axe.min.js"


def serious(page: Page) -> list[tuple[str, str, str]]:
    """Give the rule, the part of the page and the reason of each issue that is serious or critical."""
    page.evaluate(_program())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (each["id"], str(node["target"]), node["failureSummary"])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@cache
def _program() -> str:
    with FileLock(f"{_AXE}.lock"):
        if not _AXE.exists():
            _install()
    return _AXE.read_text()


def _install() -> None:
    """Take axe-core out of the packages that the frontend's lock names."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(_FRONTEND / name, folder)
        npm = shutil.which("npm")
        if npm is not None:
            subprocess.run([npm, "ci", "--silent", "--ignore-scripts"], cwd=folder, check=False, timeout=200)
        installed = Path(folder) / "node_modules" / "axe-core" / _AXE.name
        if not installed.exists():
            unproven("axe-core could not be installed: npm ci in app/components/field_map/frontend")
        shutil.copy(installed, _AXE.with_suffix(".new"))
    _AXE.with_suffix(".new").rename(_AXE)
