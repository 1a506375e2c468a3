"""What the pages and commands know of a run, free of Prefect's own types."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from modules.errors import SnapshotHeldBack, TranqueraError
from modules.run_protocol import SKIPPED_RUN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from modules.environments import Environment
    from modules.progress import Step


class RunState(StrEnum):
    """The state of a run as people tell them apart."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more happens in this run."""
        return self in {RunState.COMPLETED, RunState.FAILED, RunState.CRASHED, RunState.CANCELLED}


class Process(StrEnum):
    """A kind of run that pages have words of its own for; its value is the name of its flow."""

    BACKUP = "Backup Databaler Lotes"
    KMZ = "Generar KMZ"
    GRID = "Grilla H3"


def process_of(flow: str) -> Process | None:
    """Tell the kind of a flow; None for one of a company, and for those that only greet."""
    return next((process for process in Process if process == flow), None)


class Waiting(StrEnum):
    """Why a run has not started."""

    SOON = "soon"  # created moments ago; a worker is alive
    NO_WORKER = "no-worker"
    BEHIND_OTHERS = "behind-others"  # one run at a time for each deployment and environment
    TURN = "turn"  # none is before it: its turn comes in a moment, or is still counted for a run that is no more
    LATER = "later"  # scheduled for a moment that has not come
    PAUSED = "paused"  # the pool or its queue is paused


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """Why a run has not started, since when, and behind whom."""

    why: Waiting
    since: datetime | None = None
    ahead: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step of a run is. `total` 0: not known yet."""

    step: Step
    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Tell whether the step is complete."""
        return 0 < self.total <= self.done


@dataclass(frozen=True, slots=True)
class Run:
    """A flow run. Times are aware, in UTC."""

    id: str
    deployment: str  # name of the deployment: `backup-lotes-daily-3am`; empty if it was deleted
    flow: str  # name of the flow: `Backup Databaler Lotes`
    state: RunState
    environment: Environment | None  # None for flows that write nothing
    parameters: Mapping[str, Any]
    who: str  # a name, or empty for a run by schedule
    scheduled: bool  # by a schedule, not by a person
    created: datetime
    expected_start: datetime | None
    started: datetime | None
    ended: datetime | None
    seconds: float  # of running, so far or in all
    #: The sentence a failed flow left behind: template and values of a TranqueraError, see `RunOutcome`.
    message: str

    @property
    def process(self) -> Process | None:
        """Tell its kind."""
        return process_of(self.flow)

    @property
    def skipped(self) -> bool:
        """Tell whether it never began, because a newer missed one of its schedule made up for it."""
        return self.state is RunState.CANCELLED and self.message == SKIPPED_RUN


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run left as its record: the result of its flow, or the error it ended with.

    `result` is `to_dict()` of the flow's own result: its `kind` tells whose it is, and that of a backup has none.
    `error` holds `code` (class name of modules.errors), `template` and `values`; `error_sentence()` says it in the
    active language. `snapshot_id` of a held-back backup stands in `result` too, with `status` "held_back".
    """

    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None

    @property
    def held_back(self) -> bool:
        """Tell whether the run ended with a backup that was held back."""
        return self.error is not None and self.error["code"] == SnapshotHeldBack.__name__

    def error_sentence(self) -> str | None:
        """Say the error in the active language; None when there was none, or it cannot be said any more."""
        if self.error is None:
            return None
        try:
            return TranqueraError(self.error["template"], **self.error["values"]).sentence()
        except (KeyError, IndexError):  # left by a version whose sentence named other values
            return None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a run's technical log."""

    when: datetime
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A parameter of a deployment, as its own schema describes it with our labels."""

    name: str
    kind: str  # "string", "array", "boolean", "integer", "number"
    default: Any
    label: Mapping[str, str] = field(default_factory=dict)  # by language
    help: Mapping[str, str] = field(default_factory=dict)
    #: Where live choices come from: "seasons", "farms" (portal), "backup-seasons", "backup-farms", "crops";
    #: None: free, or one (for an array: some) of `values`.
    choices: str | None = None
    values: Sequence[str | int] = ()
    #: What a value is called, by language; a value that is not in here is its own name.
    value_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    least: int = 0  # how many an array must have


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment: what can be run."""

    id: str
    name: str
    flow: str
    fields: Sequence[ParameterField]

    @property
    def process(self) -> Process | None:
        """Tell the kind of its runs."""
        return process_of(self.flow)


class Health(StrEnum):
    """How a part is."""

    WELL = "well"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers of the pool: how many answer, when the last one was heard of, and whether all are silent."""

    alive: int
    last_seen: datetime | None
    silent: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines from an offset on, and where the next page begins."""

    lines: Sequence[LogLine] = field(default=())
    next_offset: int = 0
