"""`tranquera backup`: start the deployment on the running stack and follow it."""

from __future__ import annotations

import getpass
import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.following import follow_run
from app.commands.options import HomeOption, JsonOption
from app.services.run import RunState
from app.stack.home import StackHome
from modules.domain.season import Season
from modules.errors import TranqueraError
from modules.run_protocol import BACKUP_DEPLOYMENT
from modules.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from app.services.run import Run, RunOutcome


def backup(
    campania: Annotated[str, typer.Option(metavar="25/26", help="Season; by default the present one.")] = "",
    campo: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A farm; all by default.")] = None,
    test: Annotated[bool, typer.Option("--test/--production", help="Where to write.")] = True,
    follow: Annotated[bool, typer.Option(help="Wait for the end and show the progress.")] = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the fields of a season on the running stack. Exit status 0 only when it completed."""
    try:
        started = _start(campania, campo or [], test=test, home=home)
    except TranqueraError as error:
        if as_json:
            typer.echo(json.dumps({"state": None, "error": str(error)}, ensure_ascii=False))
        raise
    if not follow:
        if as_json:
            typer.echo(json.dumps({"run_id": started.id, "state": started.state.value.capitalize()}))
        return
    raise typer.Exit(0 if tell_end(started, as_json=as_json) is RunState.COMPLETED else 1)


def tell_end(started: Run, *, as_json: bool) -> RunState:
    """Follow a run to its end and print how it ended; with `as_json` that is one object, whatever happens."""
    try:
        ended, outcome = follow_run(started, quiet=as_json)
    except TranqueraError as error:
        if as_json:
            unknown = _summary(started, None) | {"state": None, "error": str(error)}
            typer.echo(json.dumps(unknown, ensure_ascii=False))
        raise
    if as_json:
        typer.echo(json.dumps(_summary(ended, outcome), ensure_ascii=False))
    else:
        typer.echo(ended.message or (outcome and outcome.error_sentence()) or ended.state.value)
    return ended.state


def _start(campania: str, campos: list[str], *, test: bool, home: Path | None) -> Run:
    season = str(Season.parse(campania)) if campania else ""
    use_stack_of(home)
    from app.services import runs

    return runs.start(BACKUP_DEPLOYMENT, {"campania": season, "campos": campos, "test": test}, who=_user())


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


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return ""


def _summary(run: Run, outcome: RunOutcome | None) -> dict[str, Any]:
    """What `--json` prints: run, state, environment, and what the snapshot holds (nulls when there is none)."""
    result = (outcome and outcome.result) or {}
    error = outcome and outcome.error_sentence()
    return {
        "run_id": run.id,
        "state": run.state.value.capitalize(),
        "environment": run.environment and run.environment.value,
        "snapshot": result.get("snapshot_path"),
        "counts": result.get("counts"),
        "rejected": len(result["rejected"]) if "rejected" in result else None,
        "hectares": result.get("hectares"),
        "seconds": round(run.seconds, 3),
    } | ({"error": error} if error else {})
