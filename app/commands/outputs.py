"""`tranquera outputs init`: make the folders of production and mark them as the real ones."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.commands.options import HomeOption, JsonOption
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.settings import load_settings
from modules.storage.links.marking import mark, real_folder, unmarked
from modules.storage.links.table import read_table
from modules.storage.roots import root_of

outputs = typer.Typer(no_args_is_help=True, help="The folders that production writes to.")


@outputs.callback()
def group() -> None:
    """Keep `init` a command of its own while it is the only one."""


@outputs.command()
def init(
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the folders of production that are missing and put the mark into each, after asking."""
    settings = load_settings(home)
    table = read_table(settings.home)
    missing = unmarked(settings.home, table)
    if missing and not yes:
        typer.echo(
            _(
                "Production writes to {root}. These folders carry no mark yet:",
                root=root_of(settings.home, Environment.PRODUCTION),
            ),
            err=True,
        )
        for folder in missing:
            real = real_folder(settings.home, folder, table)
            typer.echo(f"  {folder}" if real.name == folder else f"  {folder} ({real})", err=True)
        typer.confirm(_("Are these the real ones? Missing ones are created"), abort=True, err=True)
    for folder in missing:
        mark(settings.home, folder, table)
    if as_json:
        typer.echo(json.dumps({"marked": [str(folder) for folder in missing]}, ensure_ascii=False))
    else:
        typer.echo(_("The folders of production are ready."))
