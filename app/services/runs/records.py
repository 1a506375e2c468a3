"""What a run leaves with Prefect: how far it is, its record, its technical log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.services.run import LogLine, LogPage, RunOutcome, StepProgress
from app.services.runs.connection import PAGE, open_client
from app.services.runs.reading import run_uuid
from modules.progress import Step
from modules.run_protocol import OUTCOME_KEY, parse_progress

if TYPE_CHECKING:
    from prefect.client.schemas.objects import Artifact


def progress(run_id: str) -> list[StepProgress]:
    """Tell how far each step is, in the order of the steps; steps that have not begun are left out."""
    told: dict[Step, StepProgress] = {}
    for artifact in _artifacts(run_id, "progress"):
        read = parse_progress(artifact.description or "")
        if read is not None:
            told[read.step] = StepProgress(*read)
    return [told[step] for step in Step if step in told]


def outcome(run_id: str) -> RunOutcome | None:
    """Read what a run left as its record; None while there is none."""
    for artifact in _artifacts(run_id, "json"):
        if artifact.key != OUTCOME_KEY:
            continue
        data = json.loads(artifact.data) if isinstance(artifact.data, str) else artifact.data
        if isinstance(data, dict):
            return RunOutcome(result=data.get("result"), error=data.get("error"))
    return None


def _artifacts(run_id: str, kind: str) -> list[Artifact]:
    from prefect.client.schemas import filters

    with open_client() as client:
        return client.read_artifacts(
            artifact_filter=filters.ArtifactFilter(
                flow_run_id=filters.ArtifactFilterFlowRunId(any_=[run_uuid(run_id)]),
                type=filters.ArtifactFilterType(any_=[kind]),
            ),
            limit=PAGE,
        )


def log(run_id: str, offset: int = 0) -> LogPage:
    """Read a page of a run's technical log, oldest line first."""
    import logging

    from prefect.client.schemas import filters
    from prefect.client.schemas.sorting import LogSort

    with open_client() as client:
        lines = client.read_logs(
            log_filter=filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[run_uuid(run_id)])),
            sort=LogSort.TIMESTAMP_ASC,
            limit=PAGE,
            offset=offset,
        )
    shown = [LogLine(line.timestamp, logging.getLevelName(line.level), line.message) for line in lines]
    return LogPage(shown, offset + len(shown))
