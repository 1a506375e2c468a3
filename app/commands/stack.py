"""`tranquera up`, `status` and `down`."""

from __future__ import annotations

import json
import time
import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import HomeOption, JsonOption
from app.stack import probes
from app.stack.first_backup import FirstBackup
from app.stack.home import StackHome, StackState
from app.stack.options import UpOptions
from app.stack.process import GRACE_S, stop_family
from app.stack.supervisor import Supervisor
from modules.i18n import gettext as _
from modules.run_protocol import WORK_POOL
from modules.settings import load_settings
from modules.typed import in_a_container, typed

if TYPE_CHECKING:
    from collections.abc import Callable


def up(
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the dashboard.")] = None,
    prefect_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Prefect's server.")] = None,
    portal: Annotated[str | None, typer.Option(metavar="URL", help="Address of the portal.")] = None,
    data: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", exists=True, help="Vector file to serve as demo.")
    ] = None,
    demo_fields: Annotated[int, typer.Option(min=1, help="How many invented fields.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the invented fields.")] = 1,
    browser: Annotated[bool, typer.Option(help="Open a browser when everything is ready.")] = True,
    first_backup: Annotated[bool, typer.Option(help="Run a first backup in a home without any.")] = True,
) -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    settings = load_settings(home)
    options = UpOptions(port, prefect_port, portal, tuple(data or ()), demo_fields, seed)
    options.check()
    say: Callable[[str], None] = typer.echo
    say(_("Tranquera in {home}", home=settings.home))

    first = FirstBackup(settings, say)

    def greet(state: StackState) -> None:
        say(f"ready {state.dashboard}")
        if first_backup:
            first.start()
        if browser:
            webbrowser.open(state.dashboard)

    try:
        Supervisor(settings, options, say).run(greet)
    finally:
        first.stop()


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Tell whether the stack runs, where, and how its parts are."""
    settings = load_settings(home)
    state = StackHome(settings.home).running()
    if state is None:
        typer.echo(json.dumps({"running": False}) if as_json else _not_running(settings.home))
        raise typer.Exit(1)
    health = _health(settings.home, state)
    if as_json:
        described = {key: value for key, value in asdict(state).items() if key not in {"created", "parts"}}
        parts = [{"name": part.name, "pid": part.pid, "healthy": health[part.name]} for part in state.parts]
        typer.echo(json.dumps({"running": True, "home": str(settings.home), **described, "parts": parts}))
    else:
        typer.echo(_("dashboard  {address}", address=state.dashboard))
        typer.echo(_("Prefect    {address}", address=state.prefect_api.removesuffix("/api")))
        typer.echo(_("portal     {address}", address=state.portal))
        for part in state.parts:
            word = _("well") if health[part.name] else _("does not answer")
            typer.echo(f"{part.name:<15} pid {part.pid:<8} {word}")
    if not all(health.values()):
        raise typer.Exit(1)


def _not_running(home: Path) -> str:
    if in_a_container():
        return _(
            "This is a container, in which no “tranquera up” runs. To see how the installation is: {command}",
            command=typed("doctor"),
        )
    return _("Tranquera is not running in {home}.", home=home)


def _health(home: Path, state: StackState) -> dict[str, bool]:
    questions: dict[str, Callable[[], bool]] = {
        "portal": lambda: probes.answers(f"{state.portal}/openapi.json"),
        "prefect-server": lambda: probes.answers(f"{state.prefect_api}/ready"),
        "prefect-worker": lambda: probes.worker_is_online(state.prefect_api, WORK_POOL),
        "prefect-engine": lambda: probes.engine_listens(home),
        "dashboard": lambda: probes.answers(f"{state.dashboard}/_stcore/health"),
    }
    unasked: Callable[[], bool] = lambda: True  # noqa: E731  (a part of another version: that it runs is all we know)
    return {part.name: part.process() is not None and questions.get(part.name, unasked)() for part in state.parts}


def down(home: HomeOption = None) -> None:
    """Stop the stack that runs in this home."""
    settings = load_settings(home)
    stack = StackHome(settings.home)
    state = stack.require_running()
    process = state.process()
    if process is not None:
        process.terminate()
        # Each part may use its grace, one after the other.
        _wait_gone(state, GRACE_S * (len(state.parts) + 1))
        still_there = state.process()
        if still_there is not None:
            stop_family(still_there, grace_s=0)
    typer.echo(_("Stopped."))


def _wait_gone(state: StackState, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while state.process() is not None and time.monotonic() < deadline:
        time.sleep(0.1)
