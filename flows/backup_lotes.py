"""Backup Databaler Lotes: everything the portal knows of a season, as a snapshot."""

from __future__ import annotations

from contextlib import closing

# Prefect resolves every annotation of a flow when it reads its parameters: `State` and `Any` have to be here then.
from typing import TYPE_CHECKING, Any

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from flows.exclusive import one_at_a_time
from flows.parameters import Campania, Campos, Test
from flows.run_record import ProgressArtifacts, run_record
from modules.decorators import logged
from modules.environments import Environment
from modules.run_protocol import BACKUP_DEPLOYMENT, who_of
from modules.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.backup import BackupResult
    from modules.settings import Settings


@flow(name="Backup Databaler Lotes")
def backup_lotes(campania: Campania = "", campos: Campos = [], test: Test = True) -> State[Any]:  # noqa: B006
    """Back up the fields, zones, markers and areas of a season.

    campania: `25/26`; empty means the season that holds today in Buenos Aires
    campos:   farms by id or exact name; empty means all
    test:     True writes to `test_outputs/`, False to `outputs/`
    """
    environment = Environment.of(test=test)
    with run_record() as record:
        from modules.backup import BackupHeldBack, summary

        settings = load_settings()
        try:
            with one_at_a_time(BACKUP_DEPLOYMENT, environment, flow_run.id):
                result = back_up(settings, environment, campania, campos)
        except BackupHeldBack as held_back:
            record.failed(held_back, held_back.result.to_dict())
        else:
            record.completed(result.to_dict(), summary(result))
    return record.state


def _rows(result: BackupResult) -> tuple[int, int]:
    kept = sum(result.counts.values())
    return kept + len(result.rejected), kept


@task(name="Respaldar", cache_policy=NO_CACHE)
@logged("Backup Databaler Lotes", _rows)
def back_up(settings: Settings, environment: Environment, campania: str, campos: Sequence[str]) -> BackupResult:
    """Run the backup; who asked for it and which run it is come from Prefect."""
    from modules.backup import BackupRequest, run_backup
    from modules.domain.season import Season
    from modules.sources.databaler import open_portal

    with closing(open_portal(settings.portal)) as source:
        request = BackupRequest(
            environment=environment,
            season=Season.parse(campania) if campania else None,
            farms=campos,
            run_id=flow_run.id or "",
            who=who_of(flow_run.tags or []),
        )
        return run_backup(request, source, settings, progress=ProgressArtifacts())


if __name__ == "__main__":
    from flows.deployments import BACKUP_LOTES, deploy

    deploy(BACKUP_LOTES)
