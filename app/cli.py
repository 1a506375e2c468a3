"""The command line: `tranquera …`. Commands stand in `app.commands`, one file a group."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import typer

from app.commands.backup import backup
from app.commands.doctor import doctor
from app.commands.export import ExportCommand, export
from app.commands.grid import grid
from app.commands.kmz import kmz
from app.commands.kmz_preview import preview
from app.commands.links import links
from app.commands.outputs import outputs
from app.commands.platform import platform
from app.commands.portal import portal
from app.commands.snapshots import snapshots
from app.commands.stack import down, status, up
from modules.errors import TranqueraError
from modules.i18n import use_language
from modules.settings import language_of

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
cli.command()(doctor)
cli.command()(backup)
cli.command()(grid)
cli.command(cls=ExportCommand)(export)
cli.command()(portal)
#: `tranquera kmz` makes them; `tranquera kmz preview` looks at one.
_kmz = typer.Typer()
_kmz.callback(invoke_without_command=True)(kmz)
_kmz.command()(preview)
cli.add_typer(_kmz, name="kmz")
cli.add_typer(snapshots, name="snapshots")
cli.add_typer(outputs, name="outputs")
cli.add_typer(links, name="links")
cli.add_typer(platform, name="platform")


def main() -> None:
    """Run a command; an error that an operator can read is printed as its sentence, without a traceback."""
    with use_language(language_of(_home_of(sys.argv[1:]))):
        try:
            cli(prog_name="tranquera")
        except TranqueraError as error:
            typer.echo(str(error), err=True)
            sys.exit(error.exit_code)


def _home_of(arguments: Sequence[str]) -> Path | None:
    """The home that the command line names, as `--home DIR` or `--home=DIR`: it says in which language to speak."""
    for option, following in zip_longest(arguments, arguments[1:]):
        name, equals, value = option.partition("=")
        home = value if equals else following
        if name == "--home" and home:
            return Path(home)
    return None


if __name__ == "__main__":
    main()
