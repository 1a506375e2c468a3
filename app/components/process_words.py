"""What is said of a run that did not end well, by what it makes. No Streamlit in here: sentences only."""

from __future__ import annotations

from app.services.run import Process, Run
from modules.i18n import gettext as _


def crash_sentence(process: Process | None) -> str:
    """Say that the process of a run is gone."""
    gone = _("The run was interrupted: its process ended before its work did.")
    if process is None:
        return gone
    return " ".join((gone, _left(process), _("It is safe to run it again.")))


def cancelled_sentence(process: Process | None) -> str:
    """Say what a cancelled run left, whenever it was stopped."""
    stopped = _("The run was cancelled.")
    return stopped if process is None else f"{stopped} {_left(process)}"


def not_run_sentence(run: Run) -> str:
    """Say why a cancelled run is one: somebody stopped it, or its hour was missed and a newer one makes up for it."""
    if not run.skipped:
        return cancelled_sentence(run.process)
    return _(
        "The run was skipped: it could not begin at its hour, because the machine or every worker was off. Of the runs "
        "missed meanwhile, the newest is made up for; this one wrote nothing."
    )


def cancel_question(process: Process | None) -> str:
    """Say what becomes of the work of a run that is cancelled now."""
    match process:
        case None:
            return _("What it has written up to then may stay.")
        case Process.BACKUP:
            return _(
                "If it manages to publish its backup before it stops, that one stays. If not, the last backup stays as "
                "it is, and what is half written is removed, at the latest with the next one."
            )
        case _:
            return _left(process)


def failed_sentence(process: Process | None) -> str:
    """Say that a run failed which left no sentence of its own."""
    if process is Process.BACKUP:
        return _("The run failed. The last backup is as it was.")
    return _("The run failed. Its technical log has the details for whoever maintains the system.")


def _left(process: Process) -> str:
    """Say what is there after a run that was stopped at some moment."""
    match process:
        case Process.BACKUP:
            return _(
                "If it had published a backup, it is in Files; if not, the last one is as it was, and what is half "
                "written is removed with the next."
            )
        case Process.KMZ:
            return _(
                "A folder keeps its last KMZ until all of the new ones are ready; if it was being changed, the next "
                "run completes the change. What is half written is removed with the next run."
            )
        case Process.GRID:
            return _(
                "The files of before stay until all of the new ones are ready. What is half written is removed with "
                "the next run."
            )
