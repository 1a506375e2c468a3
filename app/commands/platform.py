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
    from app.stack.operator_changes import Missing
    from app.stack.prefect_api import Api
    from modules.platform_backup.restoring import Asked, Restored
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
    _require_no_containers(
        installation, "docker compose run --rm platform-dump; docker compose run --rm platform-backup"
    )
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
    logs: Annotated[bool, typer.Option("--logs", help="The logs too.")] = False,
    outputs: Annotated[
        bool, typer.Option("--outputs", help="Backups of fields and all that was made of them too.")
    ] = False,
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Only files: the database stays as it is.")
    ] = False,
    force: ForceOption = False,
    operator: Annotated[
        bool,
        typer.Option("--operator", help="Only what was changed at the deployments, into the stack that runs."),
    ] = False,
    dump: DumpOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the database of an archive back where nothing runs, after checking every byte; files when asked for.

    Exit status 1: all was put back but for finished backups of fields that are here and differ, and for files of
    production that belong to no product; with --operator, but for what the server refused.
    """
    from modules.platform_backup.restoring import Asked, restore_command

    asked = Asked(database=not no_database, logs=logs, outputs=outputs)
    if operator and asked != Asked():
        raise RequestError(
            N_("--operator puts back what was changed at the deployments and nothing else. Nothing was changed.")
        )
    if asked == Asked(database=False):
        raise RequestError(
            N_("--no-database leaves only files. Nothing was changed. Say which: --logs, --outputs or both.")
        )
    installation = _installation(home)
    given = {
        "--logs": logs,
        "--outputs": outputs,
        "--no-database": no_database,
        "--force": force,
        "--operator": operator,
    }
    in_container = restore_command(
        Path("/backups") / file.name, *(option for option in given if given[option]), composed=True
    )
    _require_no_containers(installation, in_container)
    if operator:
        _restore_operator(installation, file, as_json=as_json)
        return
    if installation.composed and dump is None:
        raise RequestError(
            N_("The database is in a container of its own. Nothing was changed. Use: {command}"), command=in_container
        )
    restored = _restore(installation, file, dump, asked, force=force)
    of_home = ("--home", str(home)) if home else ()
    forced = ("--force",) * force
    more = restore_command(
        file, *restored.not_asked, "--no-database", *forced, *of_home, composed=installation.composed
    )
    _tell_restored(restored, asked, more)
    if as_json:
        _print_json(_as_json(restored))
    if restored.files.left or restored.of_no_product:
        raise typer.Exit(1)


def _operator_changes(installation: Installation) -> bytes | None:
    """Read what was changed, where a server runs that can be asked. The database holds it too: without, it goes on."""
    from app.stack.operator_changes import encode, read_changes

    api = _api(installation)
    try:
        return encode(read_changes(api)) if api else None
    except ServerUnreachable as error:
        typer.echo(str(error), err=True)
        return None


def _restore(installation: Installation, file: Path, dump: Path | None, asked: Asked, *, force: bool) -> Restored:
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
        return put_back(file, installation.home, replace=force, dump=dump, asked=asked)
    finally:
        stack.release()


def _tell_restored(restored: Restored, asked: Asked, more: str) -> None:
    """Say what became of the archive. more: the command that puts back what was not asked for."""
    files = restored.files
    said = [_of_the_database(restored, asked)]
    if asked.logs or asked.outputs:
        said.append(ngettext("{count} file was put back.", "{count} files were put back.", files.written))
    if files.unchanged:
        said.append(
            ngettext(
                "{count} file was there already, with the same content.",
                "{count} files were there already, with the same content.",
                files.unchanged,
            )
        )
    if files.aside:
        said.append(
            ngettext(
                "{count} file that differed was replaced; as it was, it is in {folder}.",
                "{count} files that differed were replaced; as they were, they are in {folder}.",
                files.replaced,
                folder=files.aside,
            )
        )
    said += [
        _(
            "{folder} is a finished backup of fields that is not as it is in the archive. It was left as it is. To "
            "have the archive's, move it away and run the same again with --force.",
            folder=folder,
        )
        for folder in files.left
    ]
    if restored.of_no_product:
        said.append(
            _(
                "Of no product, so they have no place in production and were left out: {names}. To have them, unpack "
                "the archive elsewhere.",
                names=", ".join(restored.of_no_product),
            )
        )
    if restored.aside:
        said.append(_("The database that was there is in {folder}.", folder=restored.aside))
    said += [_("To look at: {file}", file=laid) for laid in restored.laid]
    if restored.not_asked:
        said.append(_("The archive has files too, which were not asked for. To put them back: {command}", command=more))
    if restored.database == "postgres":
        said.append(_("Now the database: docker compose run --rm platform-database"))
    for sentence in said:
        typer.echo(sentence, err=True)


def _of_the_database(restored: Restored, asked: Asked) -> str:
    time = moment(restored.made_at)
    if restored.database == "postgres":
        # A container of PostgreSQL's own image puts it back, by the next command.
        return _("The backup of {time} was checked, and its database laid ready.", time=time)
    if restored.database:
        return _("The backup of {time} was checked, and its database put back.", time=time)
    if asked.database:
        return _("The backup of {time} was checked. There is no database in it.", time=time)
    return _("The backup of {time} was checked.", time=time)


def _as_json(restored: Restored) -> dict[str, Any]:
    files = restored.files
    return {
        "made_at": restored.made_at.isoformat(),
        "database": restored.database,
        "files": files.written,
        "unchanged": files.unchanged,
        "replaced": files.replaced,
        "replaced_kept_in": files.aside and str(files.aside),
        "left": [str(folder) for folder in files.left],
        "of_no_product": list(restored.of_no_product),
        "not_asked": list(restored.not_asked),
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
    seen = put_back(api, changes)
    if as_json:
        told = {
            "missing": [each.name for each in seen.missing if not each.refused],
            "refused": {each.name: each.refused for each in seen.missing if each.refused},
        }
        _print_json({"deployments": seen.done, **told, "left_out": seen.left_out})
    else:
        for name in seen.done:
            typer.echo(name)
    for name, parameters in seen.left_out.items():
        sentence = _(
            "{name}: its flow has these parameters no more, so they were left out: {parameters}.",
            name=name,
            parameters=", ".join(parameters),
        )
        typer.echo(sentence, err=True)
    for missing in seen.missing:
        typer.echo(_of_missing(missing, file), err=True)
    if any(missing.refused for missing in seen.missing):
        raise typer.Exit(1)


def _of_missing(missing: Missing, file: Path) -> str:
    from app.stack.operator_changes import Step

    values = {"name": missing.name, "status": missing.status, "file": file.name}
    if missing.refused is Step.PARAMETERS:
        return _(
            "{name}: Prefect's server refused its saved parameters ({status}), so it is as it was. operator.json in "
            "{file} tells what was saved; set by hand what still applies.",
            **values,
        )
    if missing.refused is Step.SCHEDULES:
        return _(
            "{name}: Prefect's server refused a saved schedule ({status}). None was removed; others may not have "
            "been put back either. operator.json in {file} tells what was saved; set by hand what still applies.",
            **values,
        )
    return _("{name}: there is no such deployment here.", name=missing.name)


def _installation(home: Path | None) -> Installation:
    from app.doctor.installation import find_installation

    read_secret_files()
    return find_installation(load_settings(home), home_was_named=home is not None)


def _require_no_containers(installation: Installation, command: str) -> None:
    """Raise RequestError outside of the containers of a composed stack: what is here is not its database.

    A stack that was started here, to take its backup, would be another one.
    """
    if installation.containers:
        raise RequestError(
            N_(
                "{home} is a folder of containers, as there is data/tranquera. Nothing was done. Where none are used "
                "any more: docker compose down, then move data/tranquera elsewhere. Else, with archives in backups/: "
                "{command}"
            ),
            home=installation.home,
            command=command,
        )


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
