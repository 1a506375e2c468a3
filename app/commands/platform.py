"""`tranquera platform …`: a backup of the platform itself, and back."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import HomeOption, JsonOption
from app.stack.container.secret_files import read_secret_files
from modules.errors import RequestError, ServerUnreachable, StackError
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, moment
from modules.settings import load_settings

if TYPE_CHECKING:
    from app.doctor.installation import Installation
    from app.stack.prefect_api import Api
    from modules.platform_backup.saving import Saved

platform = typer.Typer(no_args_is_help=True, help="A backup of the platform itself: history, schedules, settings.")

ForceOption = Annotated[bool, typer.Option("--force", help="Also where something is there already.")]
DumpOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Dump of PostgreSQL; the services of docker compose name it.")
]


@platform.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive, or a folder for it.")],
    logs: Annotated[bool, typer.Option("--logs", help="The logs too.")] = False,
    outputs: Annotated[
        bool, typer.Option("--outputs", help="Backups of fields and all that was made of them.")
    ] = False,
    force: ForceOption = False,
    dump: DumpOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the database, what was changed at the deployments, and settings without their secrets, in one archive.

    Exit status 1: the archive is there, and something that was wanted is not in it.
    """
    from modules.platform_backup.saving import Wanted, place_for, save
    from modules.storage.atomic import remove

    installation = _installation(home)
    path = place_for(file, installation.home, replace=force)
    if installation.composed and dump is None:
        raise RequestError(
            N_(
                "The database is in a container of its own. Nothing was saved. Use: "
                "docker compose run --rm platform-dump, then docker compose run --rm platform-backup"
            )
        )
    wanted = Wanted(
        installation.home,
        installation.kind,
        version("prefect"),
        dump=dump,
        operator=_operator_changes(installation),
        logs=logs,
        outputs=outputs,
    )
    saved = save(wanted, path)
    if dump is not None:
        remove(dump)  # the next backup must not take it for its own
    _tell_saved(saved, operator=wanted.operator is not None, as_json=as_json)
    for folder in saved.left_out:
        sentence = _(
            "{folder} leads nowhere, so it is not in this backup. Connect its real folder, or with Docker set up its "
            "mount (tranquera links); then take another backup.",
            folder=folder,
        )
        typer.echo(sentence, err=True)
    if saved.left_out:
        raise typer.Exit(1)


def _tell_saved(saved: Saved, *, operator: bool, as_json: bool) -> None:
    if as_json:
        _print_json(
            {
                "file": str(saved.path.absolute()),
                "bytes": saved.bytes,
                "members": saved.members,
                "database": saved.database,
                "operator": operator,
                "left_out": [str(folder) for folder in saved.left_out],
            }
        )
        return
    typer.echo(f"{saved.path}: {file_size(saved.bytes)}")
    if saved.database is None:
        typer.echo(_("There is no database in it: nothing was ever started here."))
    typer.echo(_("It was read back whole. Secrets are not in it: keep .env and the secret files elsewhere."))


@platform.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive.")],
    force: ForceOption = False,
    operator: Annotated[
        bool,
        typer.Option("--operator", help="Only what was changed at the deployments, into the stack that runs."),
    ] = False,
    dump: DumpOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an archive back where nothing runs, after checking every byte of it."""
    installation = _installation(home)
    if operator:
        _restore_operator(installation, file, as_json=as_json)
        return
    if installation.composed and dump is None:
        raise RequestError(
            N_(
                "The database is in a container of its own. Nothing was changed. Use: "
                "docker compose run --rm platform-restore FILE"
            )
        )
    told = _restore(installation, file, dump, force=force)
    if as_json:
        _print_json(told)


def _operator_changes(installation: Installation) -> bytes | None:
    """Read what was changed, where a server runs that can be asked. The database holds it too: without, it goes on."""
    from app.stack.operator_changes import encode, read_changes

    api = _api(installation)
    try:
        return encode(read_changes(api)) if api else None
    except ServerUnreachable as error:
        typer.echo(str(error), err=True)
        return None


def _restore(installation: Installation, file: Path, dump: Path | None, *, force: bool) -> dict[str, Any]:
    from app.stack.home import StackHome
    from modules.platform_backup.restoring import restore as put_back

    if dump is not None:
        _require_no_server(installation)
    stack = StackHome(installation.home)
    left = stack.read()
    if left and left.process() is None and any(part.process() for part in left.parts):
        raise StackError(
            N_(
                "Parts of a start that was interrupted still run in {home}. Nothing was changed. To stop them: "
                "tranquera up, then tranquera down."
            ),
            home=installation.home,
        )
    stack.claim()  # nobody starts one meanwhile; raises StackError where one runs
    try:
        restored = put_back(file, installation.home, replace=force, dump=dump)
    finally:
        stack.release()
    typer.echo(
        _("The backup of {time} was put back.", time=moment(restored.made_at))
        + " "
        + ngettext("{count} file.", "{count} files.", restored.files),
        err=True,
    )
    if restored.aside:
        typer.echo(_("The database that was there is in {folder}.", folder=restored.aside), err=True)
    for laid in restored.laid:
        typer.echo(_("To look at: {file}", file=laid), err=True)
    if dump is not None:
        typer.echo(_("Now the database: docker compose run --rm platform-database"), err=True)
    return {
        "made_at": restored.made_at.isoformat(),
        "database": restored.database,
        "files": restored.files,
        "aside": restored.aside and str(restored.aside),
        "laid": [str(laid) for laid in restored.laid],
    }


def _restore_operator(installation: Installation, file: Path, *, as_json: bool) -> None:
    from app.stack.operator_changes import decode, put_back
    from modules.platform_backup.archive import CheckedArchive
    from modules.platform_backup.contents import OPERATOR

    api = _api(installation)
    if api is None:
        raise StackError(N_("Tranquera is not running in {home}. Start it with: tranquera up."), home=installation.home)
    with CheckedArchive(file) as archive:
        if OPERATOR not in archive.manifest.members:
            raise RequestError(
                N_("This backup was taken while nothing ran, so it does not tell what was changed apart.")
            )
        changes = decode(archive.read(OPERATOR))
    done, missing = put_back(api, changes)
    if as_json:
        _print_json({"deployments": done, "missing": missing})
        return
    for name in done:
        typer.echo(name)
    for name in missing:
        typer.echo(_("{name}: there is no such deployment here.", name=name), err=True)


def _installation(home: Path | None) -> Installation:
    from app.doctor.installation import find_installation

    read_secret_files()
    return find_installation(load_settings(home), home_was_named=home is not None)


def _api(installation: Installation) -> Api | None:
    from app.stack.prefect_api import Api

    return Api(installation.api, installation.account) if installation.api else None


def _require_no_server(installation: Installation) -> None:
    """Raise StackError while Prefect's server answers: it would write into a database that is being replaced."""
    from app.stack.prefect_api import ApiTrouble

    api = _api(installation)
    try:
        if api:
            api.raw("/health")
    except ApiTrouble:
        return
    if api:
        raise StackError(N_("Prefect's server is running. Nothing was changed. First: docker compose down"))


def _print_json(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False))
