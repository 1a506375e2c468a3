"""A snapshot of invented fields to measure exports with: `python -m tests.benchmarks.fields_snapshot COUNT HOME`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from modules.backup import BackupRequest, run_backup
from modules.domain.season import Season
from modules.environments import Environment
from modules.settings import Settings
from modules.sources.databaler import open_portal
from modules.sources.databaler.simulator.generator import Pampas
from modules.sources.databaler.simulator.ground import Amounts
from modules.sources.databaler.simulator.running import running_portal


def main(count: int, home: Path) -> None:
    # In seasons of the past some fields are not there yet.
    season = Season.current()
    amounts = Amounts(fields=count, zones=(0, 0), markers=(0, 0))
    with running_portal(Pampas(amounts)) as portal:
        settings = Settings(_env_file=None, home=home, portal=portal.settings())
        request = BackupRequest(Environment.TEST, "benchmark", season)
        result = run_backup(request, open_portal(settings.portal), settings)
    print(json.dumps({"folder": result.snapshot_path, "fields": result.counts["lotes"]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
