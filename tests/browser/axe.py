"""axe-core in a page: what it finds serious."""

from __future__ import annotations

import subprocess
from functools import cache

from playwright.sync_api import Page

from tests.conftest import PROJECT
from tests.unproven import unproven

_FRONTEND = PROJECT / "app" / "components" / "field_map" / "frontend"
_AXE = _FRONTEND / "node_modules" / "axe-core" / "axe.min.js"


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
    if not _AXE.exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=_FRONTEND, check=False, timeout=200)
    if not _AXE.exists():
        unproven("axe-core is not installed: npm ci in app/components/field_map/frontend")
    return _AXE.read_text()
