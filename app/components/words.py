"""Words and icons for what a run is and how it goes. No Streamlit in here: sentences only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from app.services.run import Process, Run, RunState, StepProgress, Waiting, WaitingReason
from modules.environments import Environment
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import moment, number, recent
from modules.progress import BACKUP_STEPS, GRID_STEPS, KMZ_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Colour = Literal["green", "blue", "gray", "red", "orange"]


class Sign(NamedTuple):
    """An icon, a word and a colour: never a colour alone."""

    icon: str
    word: str
    colour: Colour


_STATES: Final[Mapping[RunState, Sign]] = {
    RunState.WAITING: Sign(":material/schedule:", N_("Waiting"), "gray"),
    RunState.RUNNING: Sign(":material/progress_activity:", N_("Running"), "blue"),
    RunState.CANCELLING: Sign(":material/hourglass_top:", N_("Being cancelled"), "orange"),
    RunState.COMPLETED: Sign(":material/check_circle:", N_("Completed"), "green"),
    RunState.FAILED: Sign(":material/error:", N_("Failed"), "red"),
    RunState.CRASHED: Sign(":material/error:", N_("Interrupted"), "red"),
    RunState.CANCELLED: Sign(":material/block:", N_("Cancelled"), "gray"),
}

_HELD_BACK: Final = Sign(":material/front_hand:", N_("Held back"), "orange")

#: Names of flows as people say them; a flow that is not here keeps its own.
_FLOWS: Final[Mapping[str, str]] = {
    Process.BACKUP: N_("Backup"),
    Process.KMZ: N_("Make KMZ"),
    Process.GRID: N_("H3 grid"),
    "hello-world": N_("Greeting"),
}

STEPS: Final[Mapping[Step, str]] = {
    Step.READ: N_("Read backup"),
    Step.PORTAL: N_("Portal"),
    Step.DOWNLOAD: N_("Download"),
    Step.CHECK: N_("Check"),
    Step.CELLS: N_("Cells"),
    Step.WRITE: N_("Writing"),
    Step.PUBLISH: N_("Publishing"),
}


_STEPS_OF: Final[Mapping[Process, Sequence[Step]]] = {
    Process.BACKUP: BACKUP_STEPS,
    Process.KMZ: KMZ_STEPS,
    Process.GRID: GRID_STEPS,
}


def state_sign(state: RunState, *, held_back: bool = False) -> Sign:
    """Say a state; held_back: the run failed only in so far as its backup waits for a decision."""
    sign = _HELD_BACK if held_back else _STATES[state]
    return sign._replace(word=_(sign.word))


def flow_word(flow: str) -> str:
    """Name a flow."""
    return _(_FLOWS[flow]) if flow in _FLOWS else flow


def step_word(step: Step) -> str:
    """Name a step."""
    return _(STEPS[step])


def steps_of(process: Process | None) -> Sequence[Step]:
    """List the steps of a kind of run, in order; none for a flow that is not ours."""
    return _STEPS_OF[process] if process else ()


def step_count(process: Process | None, progress: StepProgress) -> str:
    """Write how far a step is, with what it counts: `14/23 archivos`."""
    count = f"{number(progress.done)}/{number(progress.total)}"
    match process, progress.step:
        case ((Process.KMZ | Process.GRID), Step.WRITE):
            return ngettext("{done} file", "{done} files", progress.total, done=count)
        case Process.KMZ, Step.PUBLISH:
            return ngettext("{done} folder", "{done} folders", progress.total, done=count)
        case _:
            return count


def environment_word(environment: Environment) -> str:
    """Name an environment."""
    return _("production") if environment is Environment.PRODUCTION else _("test")


def who_word(run: Run) -> str:
    """Name who started a run."""
    return run.who or (_("by schedule") if run.scheduled else _("somebody"))


def run_title(run: Run) -> str:
    """Write `Backup · lun 23/11 10:14 · Ana · PRUEBA`."""
    parts = [flow_word(run.flow), moment(run.started or run.expected_start or run.created), who_word(run)]
    if run.environment:
        parts.append(environment_word(run.environment).upper())
    return " · ".join(parts)


def waiting_sentence(reason: WaitingReason) -> str:
    """Say why a run has not begun, and what to do."""
    match reason.why:
        case Waiting.SOON:
            return _("It begins in a moment.")
        case Waiting.LATER if reason.since:
            return _("It is planned for {when}.", when=moment(reason.since))
        case Waiting.PAUSED:
            return _("It has not begun: the queue of runs is paused. Whoever maintains the system can resume it.")
        case Waiting.BEHIND_OTHERS:
            names = ", ".join(run_title(run) for run in reason.ahead)
            return ngettext(
                "It has not begun: one run is before it ({names}). It begins by itself.",
                "It has not begun: {count} runs are before it ({names}). It begins by itself.",
                len(reason.ahead),
                names=names,
            )
        case Waiting.TURN:
            return _(
                "It has not begun: it waits for its turn, and no other run is before it. It begins by itself, mostly "
                "within two minutes: after an outage the server takes that long to notice that the turn is free."
            )
        case _:
            return (
                _(
                    "It has not begun: no worker answers since {time}. Wait a minute; if it stays like this, restart "
                    "the service prefect-worker.",
                    time=recent(reason.since),
                )
                if reason.since
                else _("It has not begun: no worker has answered yet. Start the service prefect-worker.")
            )


def acceptance_sentence(environment: Environment, *, newest: bool, whole: bool) -> str:
    """Say what becomes of a held-back backup that is accepted, and of the current files."""
    if not newest:
        return _(
            "There is a newer backup, and that one stays the current one: this one is kept beside it. The current "
            "files do not change."
        )
    if not whole:
        return _(
            "It becomes the current backup of its farms in {environment}. The current files do not change: only a "
            "backup of all farms renews them.",
            environment=environment_word(environment),
        )
    return _(
        "It becomes the current backup of {environment}, and its files replace the current ones of its season.",
        environment=environment_word(environment),
    )
