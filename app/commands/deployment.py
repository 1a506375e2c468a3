"""A deployment from the command line: started on the running stack, followed to its end, told in one object."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from app.commands.following import follow_run
from app.commands.json_output import echo_refusal
from app.services.run import RunState
from app.stack.home import StackHome
from modules.domain.season import Season
from modules.errors import TranqueraError
from modules.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from app.services.run import Run, RunOutcome

#: Picks what `--json` tells of a flow's result; given an empty one, it gives the same keys with nulls.
Told = Callable[[Mapping[str, Any]], dict[str, Any]]


def run_deployment(
    name: str, parameters: Mapping[str, Any], tell: Told, *, follow: bool, home: Path | None, as_json: bool
) -> None:
    """Start the deployment `name` on the stack of `home`, follow it, and end the command.

    parameters: of the flow; `campania` as a person wrote it. Exit status 0 only when the run completed, or was started
    where it is not to be followed. Raises TranqueraError for what cannot be started; with `as_json` it is told in an
    object too.
    """
    try:
        started = _start(name, parameters, home)
    except TranqueraError as error:
        if as_json:
            echo_refusal(error)
        raise
    if not follow:
        if as_json:
            typer.echo(json.dumps({"run_id": started.id, "state": started.state.value.capitalize()}))
        return
    raise typer.Exit(0 if tell_end(started, tell, as_json=as_json) is RunState.COMPLETED else 1)


def tell_end(started: Run, tell: Told, *, as_json: bool) -> RunState:
    """Follow a run to its end and print how it ended; with `as_json` that is one object, whatever happens."""
    try:
        ended, outcome = follow_run(started, quiet=as_json)
    except TranqueraError as error:
        if as_json:
            unknown = _summary(started, None, tell) | {"state": None, "error": str(error)}
            typer.echo(json.dumps(unknown, ensure_ascii=False))
        raise
    if as_json:
        typer.echo(json.dumps(_summary(ended, outcome, tell), ensure_ascii=False))
    else:
        typer.echo(ended.message or (outcome and outcome.error_sentence()) or ended.state.value)
    return ended.state


def use_stack_of(home: Path | None) -> None:
    """Point Prefect's client at the stack that runs in `home`; raises StackError when none does.

    Where none runs and no home was named, PREFECT_API_URL counts: it is set beside a composed stack.
    """
    stack = StackHome(load_settings(home).home)
    if home is None and stack.running() is None and os.environ.get("PREFECT_API_URL"):
        return
    state = stack.require_running()
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]  # a person's own profile or key is for another server
    os.environ["PREFECT_API_URL"] = state.prefect_api


def _start(name: str, parameters: Mapping[str, Any], home: Path | None) -> Run:
    campania = parameters["campania"]
    season = str(Season.parse(campania)) if campania else ""
    use_stack_of(home)
    from app.services import runs

    return runs.start(name, {**parameters, "campania": season}, who=_user())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return ""


def _summary(run: Run, outcome: RunOutcome | None, tell: Told) -> dict[str, Any]:
    """What `--json` prints: run, state, environment, and what was made (nulls when there is nothing)."""
    error = outcome and outcome.error_sentence()
    return {
        "run_id": run.id,
        "state": run.state.value.capitalize(),
        "environment": run.environment and run.environment.value,
        **tell((outcome and outcome.result) or {}),
        "seconds": round(run.seconds, 3),
    } | ({"error": error} if error else {})
