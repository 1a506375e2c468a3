"""What the dashboard and the flows agree on without knowing each other: names at Prefect's server.

A flow writes these when it runs, the dashboard reads them, and both know them from here only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from modules.progress import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modules.environments import Environment

WORK_POOL: Final = "local-pool"
BACKUP_DEPLOYMENT: Final = "backup-lotes-daily-3am"
KMZ_DEPLOYMENT: Final = "generar-kmz-weekly"
GRID_DEPLOYMENT: Final = "grilla-h3-weekly"
#: A run that is killed gives its turn back after this long; the shortest that Prefect allows is a minute.
TURN_LEASE_S: Final = 60
#: Key of the JSON artifact that holds a run's outcome.
OUTCOME_KEY: Final = "resultado"
#: Message of a run that nobody could start at its hour and that a newer one makes up for.
SKIPPED_RUN: Final = "No se pudo empezar a su hora y hay otra más nueva del mismo proceso: se omite."

_WHO: Final = "who:"
_STEPS: Final = {step.value: step for step in Step}


class Told(NamedTuple):
    """How far a step is; `total` 0: not known yet."""

    step: Step
    done: int
    total: int


def limit_name(deployment: str, environment: Environment) -> str:
    """Name the global concurrency limit by which the runs of a deployment take turns in an environment."""
    return f"{deployment}-{environment}"


def who_tag(name: str) -> str:
    """Write who started a run as a tag of it."""
    return _WHO + name


def who_of(tags: Iterable[str]) -> str:
    """Read who started a run from its tags; empty when nobody did (a schedule)."""
    return next((tag.removeprefix(_WHO) for tag in tags if tag.startswith(_WHO)), "")


def progress_text(step: Step, done: int, total: int) -> str:
    """Write progress as the description of an artifact: `download 14/240`."""
    return f"{step} {done}/{total}"


def parse_progress(text: str) -> Told | None:
    """Read what `progress_text` wrote; None for anything else."""
    name, _space, counts = text.partition(" ")
    done, _slash, total = counts.partition("/")
    if name not in _STEPS or not done.isdigit() or not total.isdigit():
        return None
    return Told(_STEPS[name], int(done), int(total))
