"""Backups against the simulator over real sockets, and what KEEP means."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from modules.backup import BackupRequest, BackupResult, run_backup
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import LANGUAGES, use_language
from modules.settings import PortalSettings, Settings
from modules.snapshots.check import verify
from modules.snapshots.scope import Scope
from modules.snapshots.store import SnapshotStore
from modules.sources.base import Source
from modules.sources.databaler import open_portal
from modules.storage.atomic import TEMPORARY_PREFIX

SEASON = Season.parse("25/26")
WHOLE = Scope(Environment.TEST, SEASON)


def settings_of(home: Path, portal: PortalSettings | None = None, **changes: Any) -> Settings:
    return Settings(_env_file=None, home=home, portal=portal or PortalSettings(), **{"min_free_mb": 0} | changes)


def back_up(settings: Settings, source: Source | None = None, run_id: str = "run", **request: Any) -> BackupResult:
    asked = {"environment": Environment.TEST, "run_id": run_id, "season": SEASON} | request
    return run_backup(BackupRequest(**asked), source or open_portal(settings.portal), settings)


def store_of(home: Path, environment: Environment = Environment.TEST) -> SnapshotStore:
    return SnapshotStore(home, environment)


def current_id(home: Path) -> str | None:
    current = store_of(home).current(WHOLE)
    return current and current.id


def content_of(home: Path) -> dict[str, str]:
    """Every file of the outputs by its path, with its hash."""
    roots = [home / "test_outputs", home / "outputs"]
    files = [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
    return {path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def temporaries_of(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.name.startswith(TEMPORARY_PREFIX)]


def assert_sentence(error: TranqueraError) -> None:
    """One plain sentence in each language, without what an agronomist must not see."""
    for code in LANGUAGES:
        with use_language(code):
            sentence = error.sentence()
        assert sentence.endswith((".", "init"))
        assert not any(word in sentence for word in ("Error", "None", "Traceback", "{", "}", ".tmp-", "errno"))
    with use_language("es"):
        spanish = error.sentence()
    assert spanish != error.template.format(**error.values)


def assert_kept(home: Path, before: dict[str, str], current: str | None, error: TranqueraError) -> None:
    """KEEP: everything byte-identical, the same snapshot current and sound, no temporaries, a sentence to read."""
    assert content_of(home) == before
    assert current_id(home) == current
    assert temporaries_of(home) == []
    for snapshot in store_of(home).published():
        assert verify(snapshot) == []
    assert_sentence(error)


def fails_and_keeps(home: Path, kind: type[TranqueraError], settings: Settings, source: Source | None = None) -> Any:
    """Run a backup that has to fail with `kind` and KEEP; gives the error."""
    before, current = content_of(home), current_id(home)
    with pytest.raises(kind) as caught:
        back_up(settings, source, run_id="failing")
    assert_kept(home, before, current, caught.value)
    return caught.value
