"""What an ended run left: each kind of result has its own way to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import inert, process_words
from app.components.backup_outcome import backup_outcome, held_back_outcome
from app.components.faults import told
from app.components.grid_outcome import grid_outcome
from app.components.kmz_outcome import kmz_outcome
from app.services import runs
from app.services.run import Run, RunOutcome, RunState
from modules.h3_grid.result import KIND as GRID
from modules.i18n import gettext as _
from modules.kmz_products.result import KIND as KMZ

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modules.environments import Environment

#: By the `kind` of a result; that of a backup has none.
_KINDS: Final[Mapping[str | None, Callable[[Mapping[str, Any], Environment], None]]] = {
    None: backup_outcome,
    KMZ: kmz_outcome,
    GRID: grid_outcome,
}


def outcome(run: Run) -> None:
    """Draw what an ended run left."""
    with told():
        left = runs.outcome(run.id) or RunOutcome()
        match run.state:
            case RunState.COMPLETED:
                _completed(run, left)
            case RunState.CANCELLED:
                st.info(process_words.not_run_sentence(run), icon=":material/block:")
            case RunState.CRASHED:
                st.error(process_words.crash_sentence(run.process), icon=":material/error:")
            case _:
                _failed(run, left)


def _completed(run: Run, left: RunOutcome) -> None:
    draw = None if left.result is None else _KINDS.get(left.result.get("kind"))
    if left.result is None or draw is None or run.environment is None:  # not one of ours: its sentence says it all
        st.success(inert.markdown(run.message or _("The run has ended well.")), icon=":material/check_circle:")
        return
    draw(left.result, run.environment)


def _failed(run: Run, left: RunOutcome) -> None:
    if run.environment and left.held_back:
        held_back_outcome(run, run.environment, left)
        return
    sentence = left.error_sentence() or process_words.failed_sentence(run.process)
    st.error(inert.markdown(sentence), icon=":material/error:")
