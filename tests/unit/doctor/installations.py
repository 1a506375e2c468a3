"""Installations to judge; nothing of them runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.doctor.facts import Deployed, Row, Schedule
from app.doctor.installation import Installation, Kind
from modules.settings import Settings

SETTINGS = Settings(_env_file=None, home=Path("/home/x"))
EMBEDDED = Installation(Kind.EMBEDDED, SETTINGS, "http://127.0.0.1:4200/api")
COMPOSED = Installation(Kind.COMPOSED, SETTINGS, "http://prefect-server:4200/api")
STOPPED = replace(EMBEDDED, api=None)

ROW = Row(
    flow="Backup", name="backup-daily", entrypoint="flows/b.py:b", cron="0 3 * * *", interval_s=None,
    parameters={"test": False}, work_pool="local-pool", directory="/app", command="python -m x",
    tags=["tranquera"], limits=["backup-test", "backup-production"],
)  # fmt: skip
#: What deploying ROW makes.
DEPLOYED = Deployed(
    flow="Backup", name="backup-daily", entrypoint="flows/b.py:b", work_pool="local-pool", directory="/app",
    command="python -m x", tags=["tranquera"], paused=False, parameters={},
    schedules=[Schedule(False, "0 3 * * *", None, {"test": False}, slug="backup-daily")],
)  # fmt: skip
NIGHTLY = replace(DEPLOYED, schedules=[replace(DEPLOYED.schedules[0], active=True)])
