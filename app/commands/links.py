"""`tranquera links`: the real folders of production, the links and mounts that lead there, and how they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer

from app.commands.json_output import echo_refusal
from app.commands.options import HomeOption, JsonOption
from modules.errors import RequestError, TranqueraError
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.settings import load_settings
from modules.storage.links.apply import make_links
from modules.storage.links.check import FolderCheck, Severity, check_links
from modules.storage.links.override import FILE, is_left_out
from modules.storage.links.places import Way
from modules.storage.links.setup import SetUp, set_up
from modules.storage.links.table import LinkTable, read_table
from modules.storage.links.targets import System, read_target, require_apart
from modules.storage.roots import Folder
from modules.typed import typed

links = typer.Typer(help="The real folders of production: set up, link and check them.")


@links.callback(invoke_without_command=True)
def ask_for_links(
    context: typer.Context,
    home: HomeOption = None,
    base: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Propose a folder of each product's name in this one.")
    ] = None,
    folder: Annotated[
        list[str] | None, typer.Option(metavar="PRODUCT=FOLDER", help="The real folder of one product.")
    ] = None,
    system: Annotated[
        System | None, typer.Option(help="Whose paths these are, where it is not this machine that runs Tranquera.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take what is proposed or known, and do not ask.")] = False,
    mark_again: Annotated[
        bool, typer.Option("--mark-again", help="Mark folders that were marked before and are not any more.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask once for the real folder of each product; make and mark them; write the files that lead to them."""
    if context.invoked_subcommand is not None:
        return
    with _told(as_json):
        place = load_settings(home).home
        known = read_table(place)
        meant = system or (known.system if known and not base else System.here())
        proposed = _proposed(meant, known, base, folder or [])
        chosen = LinkTable(meant, _complete(proposed) if yes else _ask(proposed, meant, place))
        if not yes:
            require_apart(chosen.targets, meant, place)
            for each, target in chosen.targets.items():
                typer.echo(f"  {each}: {target}", err=True)
            typer.confirm(_("Are these the real ones? Missing ones are created"), abort=True, err=True)
        _tell(place, chosen, set_up(place, chosen, known, mark_again=mark_again), as_json=as_json)


@links.command("apply")
def apply_links(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make the links on this machine. What holds files is left alone and named."""
    with _told(as_json):
        place = load_settings(home or _home_before(context)).home
        done = list(make_links(place, _required(read_table(place))))
    if as_json:
        rows = [
            {"folder": str(each.folder), "target": each.target, "made": each.made} | _error(each.problem)
            for each in done
        ]
        typer.echo(json.dumps({"links": rows}, ensure_ascii=False))
    else:
        for each in done:
            if each.problem:
                typer.echo(f"✗ {each.problem}", err=True)
            elif each.made:
                typer.echo("✓ " + _("{name}: linked to {target}", name=each.folder, target=each.target))
            else:
                typer.echo("✓ " + _("{name}: was linked already", name=each.folder))
    raise typer.Exit(1 if any(each.problem for each in done) else 0)


@links.command("check")
def check(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Tell how each product's folder is, and what to do. Status 0: well, 1: worth a look, 2: production refuses."""
    with _told(as_json):
        place = load_settings(home or _home_before(context)).home
        found = check_links(place, read_table(place))
    worst = max(each.severity for each in found)
    if as_json:
        rows = [_row(each) for each in found]
        typer.echo(json.dumps({"severity": worst.name.lower(), "folders": rows}, ensure_ascii=False))
    else:
        for _template, alike in groupby(found, key=lambda each: each.problem and each.problem.template):
            _tell_alike(list(alike))
    raise typer.Exit(int(worst))


_SIGNS: Final[Mapping[Severity, str]] = {Severity.WELL: "✓", Severity.WARNING: "!", Severity.BAD: "✗"}
_WAYS: Final[Mapping[Way, str]] = {
    Way.LINK: N_("linked"),
    Way.DANGLING: N_("a link to nowhere"),
    Way.MOUNT: N_("mounted"),
    Way.FOLDER: N_("a folder in outputs"),
    Way.FILE: N_("a file"),
    Way.NOTHING: N_("not in outputs"),
}


def _home_before(context: typer.Context) -> Path | None:
    """Find a home that was named before the command's own word."""
    home: Path | None = context.parent.params.get("home") if context.parent else None
    return home


@contextmanager
def _told(as_json: bool) -> Iterator[None]:
    """Tell what is refused inside the block in an object too."""
    try:
        yield
    except TranqueraError as error:
        if as_json:
            echo_refusal(error)
        raise


def _required(table: LinkTable | None) -> LinkTable:
    if table is None:
        raise RequestError(N_("No real folders are set yet. Nothing was changed. To set them: tranquera links"))
    return table


def _proposed(system: System, known: LinkTable | None, base: str | None, given: list[str]) -> dict[Folder, str]:
    """Gather what was known, what lies in the base, and what was given for single products: the later ones count."""
    proposed = dict(known.targets) if known and known.system is system else {}
    if base:
        top = read_target(base, system)
        proposed |= {folder: str(system.path(top) / folder) for folder in Folder}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or name not in set(Folder):
            raise RequestError(
                N_("“{text}” names no product. Nothing was changed. Write PRODUCT=FOLDER; there is: {known}."),
                text=text,
                known=", ".join(f"“{each}”" for each in Folder),
            )
        proposed[Folder(name)] = read_target(path, system)
    return proposed


def _complete(proposed: Mapping[Folder, str]) -> dict[Folder, str]:
    missing = [folder for folder in Folder if folder not in proposed]
    if missing:
        raise RequestError(
            N_("No real folder is known for {folders}. Nothing was changed. Name them with --base or --folder."),
            folders=", ".join(f"“{each}”" for each in missing),
        )
    return {folder: proposed[folder] for folder in Folder}


def _ask(proposed: dict[Folder, str], system: System, home: Path) -> dict[Folder, str]:
    """Ask for each product until the answer can be used. An empty one takes what is proposed."""
    typer.echo(_("The real folder of each product, as a whole path. Enter takes what stands in brackets."), err=True)
    chosen: dict[Folder, str] = {}
    for folder in Folder:
        while folder not in chosen:
            answer = typer.prompt(str(folder), default=proposed.get(folder), err=True)
            try:
                target = read_target(answer, system)
                require_apart({**chosen, folder: target}, system, home)
            except RequestError as error:
                typer.echo(str(error), err=True)
                continue
            chosen[folder] = target
            if len(chosen) == 1:
                # Whoever named one folder has most likely the others beside it.
                beside = system.path(target).parent
                proposed = {each: str(beside / each) for each in Folder} | proposed
    return chosen


def _tell(home: Path, chosen: LinkTable, done: SetUp, *, as_json: bool) -> None:
    if as_json:
        told = {
            "system": str(chosen.system),
            "folders": {str(folder): target for folder, target in chosen.targets.items()},
            "written": done.written,
            "created": [str(folder) for folder in done.created],
            "marked": [str(folder) for folder in done.marked],
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(_("Written to {home}: {files}.", home=home, files=", ".join(done.written)))
    if done.created:
        typer.echo(_("Created: {folders}.", folders=", ".join(done.created)))
    if chosen.system is System.WINDOWS:
        typer.echo(_("For a worker on Windows itself, as administrator: {command}", command=_SCRIPT))
    else:
        typer.echo(_("For a worker on this machine itself: {command}", command=typed("links apply")))
    if is_left_out(home):
        sentence = _(
            "COMPOSE_FILE in .env does not name {file}, so containers would not see these folders. Add it behind "
            "docker-compose.yml, then: docker compose up -d",
            file=FILE,
        )
        typer.echo(sentence, err=True)
        return
    typer.echo(_("For containers: {command}", command="docker compose up -d"))


_SCRIPT: Final = "powershell -ExecutionPolicy Bypass -File create_symlinks.ps1"


def _tell_alike(found: list[FolderCheck]) -> None:
    """Print a line for each of some products, and once what is wrong with all of them."""
    for each in found:
        typer.echo(f"{_SIGNS[each.severity]} {each.folder}: {_(_WAYS[each.way]) if each.way else '?'}{_where(each)}")
    first, *others = found
    if first.problem:
        typer.echo(f"    {first.problem}")
        if others:
            typer.echo("    " + _("The same for {folders}.", folders=", ".join(each.folder for each in others)))


def _where(found: FolderCheck) -> str:
    mounted = _(", mounted in containers") if found.mounted else ""
    return f"{mounted} → {found.target}" if found.target else mounted


def _row(found: FolderCheck) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "severity": found.severity.name.lower(),
        "way": found.way and str(found.way),
        "target": found.target,
        "mounted_in_containers": found.mounted,
        "reachable": found.reachable,
        "marked": found.marked,
        "writable": found.writable,
    } | _error(found.problem)


def _error(problem: TranqueraError | None) -> dict[str, object]:
    return {"error": str(problem)} if problem else {}
