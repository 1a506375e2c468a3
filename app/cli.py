"""The command line: `tranquera …`. Commands stand in `app.commands`, one file a group."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from app.commands.backup import backup
from app.commands.export import ExportCommand, export
from app.commands.outputs import outputs
from app.commands.portal import portal
from app.commands.snapshots import snapshots
from app.commands.stack import down, status, up
from modules.errors import TranqueraError
from modules.i18n import use_language
from modules.settings import load_settings

cli = typer.Typer(
    name="tranquera",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Backups, maps and KMZ of a company's fields.",
)
cli.command()(up)
cli.command()(status)
cli.command()(down)
cli.command()(backup)
cli.command(cls=ExportCommand)(export)
cli.command()(portal)
cli.add_typer(snapshots, name="snapshots")
cli.add_typer(outputs, name="outputs")


def main() -> None:
    """Run a command; an error that an operator can read is printed as its sentence, without a traceback."""
    try:
        with use_language(load_settings(_home_of(sys.argv[1:])).language):
            cli(prog_name="tranquera")
    except TranqueraError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


def _home_of(arguments: list[str]) -> Path | None:
    """The home that the command line names: its settings say in which language to speak, also of errors."""
    if "--home" not in arguments[:-1]:
        return None
    return Path(arguments[arguments.index("--home") + 1])


if __name__ == "__main__":
    main()
