"""Our backup as a process: `python -m tests.benchmarks.our_backup URL SEASON HOME`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import SecretStr

from modules.backup import BackupRequest, run_backup
from modules.domain.season import Season
from modules.environments import Environment
from modules.settings import PortalSettings, Settings
from modules.sources.databaler import open_portal


def main(portal: str, season: str, home: Path) -> None:
    access = PortalSettings(url=portal, client_id="demo", client_secret=SecretStr("demo"))
    settings = Settings(_env_file=None, home=home, portal=access)
    request = BackupRequest(Environment.TEST, "benchmark", Season.parse(season))
    result = run_backup(request, open_portal(access), settings)
    print(
        json.dumps(
            {"folder": result.snapshot_path, "root": str(home / "test_outputs"), "steps": result.seconds_by_step}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
