"""The steps of a run: done, at work, to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import words
from app.services.run import Run, RunState, StepProgress
from modules.i18n.formats import number
from modules.progress import BACKUP_STEPS, PRODUCT_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.components.words import Colour
    from modules.progress import Step

#: Flows that make something from a backup.
_PRODUCT_FLOWS: Final = frozenset({"Generar KMZ"})


def run_steps(run: Run, progress: Sequence[StepProgress]) -> None:
    """Draw the steps in a row with their counts; nothing for a flow that has none."""
    if run.environment is None and not progress:
        return
    known = {step.step: step for step in progress}
    with st.container(horizontal=True, key="run-steps", gap="small"):
        for step in PRODUCT_STEPS if run.flow in _PRODUCT_FLOWS else BACKUP_STEPS:
            label, colour = step_sign(step, known.get(step), run.state)
            st.badge(label, color=colour)


def step_sign(step: Step, progress: StepProgress | None, state: RunState) -> tuple[str, Colour]:
    """Tell how a step is written, and in which colour: `● Download 240/240`."""
    word = words.step_word(step)
    if progress is None:
        return f"○ {word}", "gray"
    counts = f" {number(progress.done)}/{number(progress.total)}" if progress.total > 1 else ""
    if progress.finished:
        return f"● {word}{counts}", "green"
    if state.ended:
        return f"✕ {word}{counts}", "gray" if state is RunState.CANCELLED else "red"
    return f"◐ {word}{counts}", "blue"
