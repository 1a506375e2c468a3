"""Why a run has not begun its work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from app.services.run import Run, RunState, Waiting, WaitingReason
from app.services.runs import deployments, pool
from app.services.runs.reading import active, newest_ended
from app.services.runs.records import progress
from modules.run_protocol import BACKUP_DEPLOYMENT, GRID_DEPLOYMENT, KMZ_DEPLOYMENT

#: A run of these that has its turn says within seconds how far it is.
_SAY_HOW_FAR: Final = frozenset({BACKUP_DEPLOYMENT, KMZ_DEPLOYMENT, GRID_DEPLOYMENT})
#: A run whose turn is taken asks again within 39 s (Prefect's 30 and up to 0.3 of that).
_TURN_TAKEN: Final = timedelta(seconds=60)


def waiting_reason(run: Run) -> WaitingReason | None:
    """Explain why a run has not begun its work; None for one that has, or has ended."""
    if run.state is RunState.RUNNING:
        return None if progress(run.id) else _why_not_at_work(run)
    return _why_not_started(run) if run.state is RunState.WAITING else None


def _why_not_at_work(run: Run) -> WaitingReason | None:
    if run.deployment not in _SAY_HOW_FAR or run.environment is None or run.started is None:
        return None  # it may be at work, nobody can tell
    if ahead := _ahead(run):
        return WaitingReason(Waiting.BEHIND_OTHERS, ahead=ahead)
    now = datetime.now(UTC)
    if now - run.started <= _TURN_TAKEN:
        return None
    before = newest_ended(run.deployment, run.environment)
    free_since = max(run.started, before.ended) if before and before.ended else run.started
    return WaitingReason(Waiting.TURN) if now - free_since > _TURN_TAKEN else None


def _why_not_started(run: Run) -> WaitingReason:
    now = datetime.now(UTC)
    if run.expected_start and run.expected_start > now + timedelta(seconds=5):
        return WaitingReason(Waiting.LATER, since=run.expected_start)
    if pool.is_paused():
        return WaitingReason(Waiting.PAUSED)
    crew = pool.workers()
    if crew.silent:
        return WaitingReason(Waiting.NO_WORKER, since=crew.last_seen)
    ahead = _ahead(run)
    return WaitingReason(Waiting.BEHIND_OTHERS, ahead=ahead) if ahead else WaitingReason(Waiting.SOON)


def _ahead(run: Run) -> list[Run]:
    """The runs that the limit of a deployment's runs at once, in an environment, puts before this one.

    Turns do not go by age: an older run may be before it, one that is at work is. A run that somebody started past the
    dashboard may not say its environment; it has one all the same.
    """
    if run.environment is None or not run.deployment:  # it writes nothing, or nothing holds it back
        return []
    others = [other for other in active() if other.id != run.id and other.deployment == run.deployment]
    rivals = [other for other in others if other.environment in {run.environment, None}]
    ahead = [other for other in rivals if other.created <= run.created or progress(other.id)]
    if not ahead:
        return []
    at_once = deployments.runs_at_once(run.deployment, run.environment)
    return ahead if at_once and len(ahead) >= at_once else []
