"""Follow a run on the terminal until it has ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from modules.errors import RunRejected, ServerUnreachable
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.progress import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.progress import Progress, TaskID

    from app.services.run import Run, RunOutcome, StepProgress

_Answer = TypeVar("_Answer")

_POLL_S = 0.5
#: The stack starts a server that died again within seconds, and it answers some ten seconds later.
_PATIENCE_S = 60.0

_STEP_TITLES = {
    Step.READ: N_("Read"),
    Step.PORTAL: N_("Portal"),
    Step.DOWNLOAD: N_("Download"),
    Step.CHECK: N_("Check"),
    Step.CELLS: N_("Cells"),
    Step.WRITE: N_("Write"),
    Step.PUBLISH: N_("Publish"),
}


def follow_run(started: Run, *, quiet: bool) -> tuple[Run, RunOutcome | None]:
    """Show the progress of a run, unless `quiet`, and give the run as it ended and what it left.

    Raises ServerUnreachable when the server of flows is away for longer than a restart takes, and RequestError when
    the run was deleted meanwhile.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from app.services import runs

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[Step, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as shown:
        while True:
            now = _patiently(lambda: runs.run(started.id))
            _show(shown, bars, _patiently(lambda: runs.progress(started.id)))
            if now.state.ended:
                return now, _patiently(lambda: runs.outcome(started.id))
            time.sleep(_POLL_S)


def _patiently(question: Callable[[], _Answer]) -> _Answer:
    """Ask until the server answers. It says no (503) also while it is busy."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return question()
        except (ServerUnreachable, RunRejected) as error:
            if time.monotonic() > deadline:
                raise ServerUnreachable(
                    N_(
                        "The run was started, but the server of flows does not answer any more, so how it goes is not "
                        "known. It may go on all the same: when Tranquera is back, the list of runs shows it."
                    )
                ) from error
        time.sleep(_POLL_S)


def _show(shown: Progress, bars: dict[Step, TaskID], progress: Sequence[StepProgress]) -> None:
    for told in progress:
        if told.step not in bars:
            bars[told.step] = shown.add_task(_(_STEP_TITLES[told.step]), total=None)
        shown.update(bars[told.step], completed=told.done, total=told.total or None)
