"""The steps of a run: done, at work, to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import words
from app.services.run import Run, RunState, StepProgress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.components.words import Colour
    from app.services.run import Process
    from modules.progress import Step


def run_steps(run: Run, progress: Sequence[StepProgress]) -> None:
    """Draw the steps in a row with their counts; of a flow that is not ours, those that it told of."""
    known = {step.step: step for step in progress}
    steps = words.steps_of(run.process) or [*known]
    if not steps:
        return
    with st.container(horizontal=True, key="run-steps", gap="small"):
        for step in steps:
            label, colour = step_sign(step, known.get(step), run.state, run.process)
            st.badge(label, color=colour)


def step_sign(
    step: Step, progress: StepProgress | None, state: RunState, process: Process | None = None
) -> tuple[str, Colour]:
    """Tell how a step is written, and in which colour: `● Download 240/240`."""
    word = words.step_word(step)
    if progress is None:
        return f"○ {word}", "gray"
    counts = f" {words.step_count(process, progress)}" if progress.total > 1 else ""
    if progress.finished:
        return f"● {word}{counts}", "green"
    if state.ended:
        return f"✕ {word}{counts}", "gray" if state is RunState.CANCELLED else "red"
    return f"◐ {word}{counts}", "blue"
