"""For how long an embedded stack keeps the history of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.stack.parts import Addresses, environment
from modules.errors import SettingsError
from modules.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("said", "runs", "events"),
    [
        ("", "P90D", "P14D"),
        ("HISTORY_DAYS=400\n", "P400D", "P14D"),
        ("HISTORY_DAYS=\nEVENTS_DAYS=030\n", "P90D", "P030D"),
    ],
)
def test_history_is_kept_as_long_as_the_home_says_for_docker_too(tmp_path: Path, said: str, runs: str, events: str):
    (tmp_path / ".env").write_text(said)
    told = environment(tmp_path, Addresses(8501, 4200, "http://127.0.0.1:8600", 8600), load_settings(tmp_path))
    assert told["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"] == runs
    assert told["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == events


@pytest.mark.parametrize("days", ["400d", "0", "-1", "٣", "1.5", "100000"])
def test_what_is_no_number_of_days_is_refused_before_anything_is_cleaned(tmp_path: Path, days: str):
    (tmp_path / ".env").write_text(f"HISTORY_DAYS={days}\n")
    with pytest.raises(SettingsError, match="HISTORY_DAYS"):
        environment(tmp_path, Addresses(8501, 4200, "http://127.0.0.1:8600", 8600), load_settings(tmp_path))
