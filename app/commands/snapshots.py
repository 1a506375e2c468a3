"""`tranquera snapshots …`: list them, look at one, compare two, verify, and decide about those that were held back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.diff import diff
from app.commands.options import HomeOption, JsonOption
from modules.domain.layers import Layer
from modules.domain.reasons import reason_words
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, hectares, moment, number
from modules.settings import load_settings
from modules.storage.roots import Folder
from modules.storage.sentinels import require_sentinels

if TYPE_CHECKING:
    from pathlib import Path

    from modules.snapshots.check import Finding
    from modules.snapshots.store import Snapshot, SnapshotStore

snapshots = typer.Typer(no_args_is_help=True, help="Snapshots: list, show, compare, verify, accept or reject.")
snapshots.command()(diff)

_PIPE_WIDTH = 160

ProductionOption = Annotated[bool, typer.Option("--production", help="Those of production; by default those of test.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="A snapshot's id, or six characters of it or more.")]
WholeIdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A snapshot's id, or the eight characters after its _.")
]


@snapshots.command("list")
def list_snapshots(production: ProductionOption = False, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the snapshots, newest first, and those that wait in quarantine."""
    store = _store(home, production=production)
    found = sorted(
        [*store.published(), *store.held_back()], key=lambda snapshot: snapshot.manifest.started_at, reverse=True
    )
    damaged = store.damaged()
    if as_json:
        _print_json(
            {
                "snapshots": [_brief(each, store) for each in found],
                "damaged": [store.relative(path) for path in damaged],
            }
        )
        return
    if not found:
        typer.echo(_("There are no backups yet."))
    else:
        _print_table(found)
    for path in damaged:
        typer.echo(
            _("Damaged or of a newer version, its manifest cannot be read: {snapshot}", snapshot=path.name), err=True
        )


@snapshots.command()
def show(
    snapshot_id: IdArgument, production: ProductionOption = False, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show what a snapshot holds, where it came from, and what was rejected."""
    store = _store(home, production=production)
    snapshot = store.find(snapshot_id)
    if as_json:
        _print_json(_brief(snapshot, store) | {"manifest": json.loads(snapshot.manifest.encode())})
        return
    for line in _description(snapshot):
        typer.echo(line)


@snapshots.command()
def verify(
    snapshot_id: Annotated[str, typer.Argument(metavar="[ID]", help="By default all of them.")] = "",
    production: ProductionOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every file of a snapshot, or of all, against its manifest.

    Exit status 0 only when there was something to check and all of it is well.
    """
    from modules.snapshots import check

    store = _store(home, production=production)
    if production:  # an unmounted folder looks like one without backups
        require_sentinels(store.home, [Folder.SNAPSHOTS])
    chosen = [store.find(snapshot_id)] if snapshot_id else [*store.published(), *store.held_back()]
    damaged = [] if snapshot_id else [path.name for path in store.damaged()]
    found = {snapshot.id: check.verify(snapshot) for snapshot in chosen}
    if as_json:
        _print_json(
            {
                "verified": {name: [_finding(each) for each in findings] for name, findings in found.items()},
                "damaged": damaged,
            }
        )
    else:
        _print_findings(found, damaged)
    if not found and not damaged:
        typer.echo(_("Nothing was verified: there are no backups in {folder}.", folder=store.folder), err=True)
    raise typer.Exit(1 if damaged or not found or any(found.values()) else 0)


@snapshots.command()
def accept(
    snapshot_id: WholeIdArgument,
    season: Annotated[
        str, typer.Option("--campania", metavar="25/26", help="Typed season, to publish an empty snapshot.")
    ] = "",
    production: ProductionOption = False,
    yes: YesOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a snapshot that was held back."""
    from modules.snapshots import decisions

    store = _store(home, production=production)
    held = decisions.find_held_back(store, snapshot_id)
    if not yes:
        _describe_held(held)
        if not held.manifest.empty:
            typer.confirm(_("Publish it all the same?"), abort=True, err=True)
        elif not season:
            season = typer.prompt(_("It is empty. To publish it all the same, type its season"), err=True)
    accepted = decisions.accept(store, held.id, typed_season=season or None)
    _say(_("Published: {snapshot}", snapshot=accepted.id), _brief(accepted, store), as_json=as_json)


@snapshots.command()
def reject(
    snapshot_id: WholeIdArgument,
    production: ProductionOption = False,
    yes: YesOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Throw a snapshot that was held back away for good."""
    from modules.snapshots import decisions

    store = _store(home, production=production)
    held = decisions.find_held_back(store, snapshot_id)
    if not yes:
        _describe_held(held)
        typer.confirm(_("Throw it away for good?"), abort=True, err=True)
    gone = decisions.reject(store, held.id)
    _say(_("Thrown away: {snapshot}", snapshot=gone), {"id": gone, "state": "rejected"}, as_json=as_json)


def _store(home: Path | None, *, production: bool) -> SnapshotStore:
    from modules.snapshots.store import SnapshotStore

    return SnapshotStore(load_settings(home).home, Environment.of(test=not production))


def _brief(snapshot: Snapshot, store: SnapshotStore) -> dict[str, Any]:
    manifest = snapshot.manifest
    return {
        "id": snapshot.id,
        "state": "held_back" if snapshot.held_back else "published",
        "folder": store.relative(snapshot.path),
        "path": str(snapshot.path),
        "season": manifest.season,
        "farms": manifest.farms,
        "started_at": manifest.started_at.isoformat(),
        "who": manifest.who,
        "counts": manifest.counts,
        "hectares": manifest.hectares,
        "rejected": len(manifest.rejected),
        "bytes": sum(record.bytes for record in manifest.files.values()),
    }


def _print_table(found: list[Snapshot]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(_("Snapshot"), no_wrap=True, min_width=len(found[0].id))
    for title in (_("When"), _("Season"), _("Farms")):
        table.add_column(title)
    for title in (_("Fields"), _("Area"), _("Size")):
        table.add_column(title, justify="right")
    table.add_column(_("State"))
    for snapshot in found:
        manifest = snapshot.manifest
        table.add_row(
            snapshot.id,
            moment(manifest.started_at),
            manifest.season,
            number(len(manifest.farms)) if manifest.farms else _("all"),
            number(manifest.counts[Layer.FIELDS]),
            hectares(manifest.hectares),
            file_size(sum(record.bytes for record in manifest.files.values())),
            _("held back") if snapshot.held_back else _("published"),
        )
    console = Console()
    if not console.is_terminal:  # a file or a pipe is as wide as it has to be
        console.width = _PIPE_WIDTH
    console.print(table)


def _description(snapshot: Snapshot) -> list[str]:
    manifest = snapshot.manifest
    counts = ", ".join(f"{number(count)} {layer}" for layer, count in manifest.counts.items())
    lines = [
        snapshot.id,
        _(
            "Taken {moment}, season {season}, from {source}",
            moment=moment(manifest.started_at),
            season=manifest.season,
            source=manifest.source,
        ),
        _(
            "{counts}; {hectares}, the portal states {portal}",
            counts=counts,
            hectares=hectares(manifest.hectares),
            portal=hectares(manifest.portal_hectares),
        ),
    ]
    if manifest.who:
        lines.append(_("Asked for by {who}", who=manifest.who))
    if snapshot.held_back:
        lines.append(_("Held back: it waits to be accepted or thrown away"))
    lines += [f"  {each.layer}  {each.id}  {each.name}: {reason_words(each.reason)}" for each in manifest.rejected]
    lines += [f"  {name}  {file_size(record.bytes)}  {record.sha256}" for name, record in manifest.files.items()]
    return lines


def _describe_held(held: Snapshot) -> None:
    for doubt in held.manifest.held_back:
        before, now = number(doubt.before), number(doubt.now)
        what = _("hectares") if doubt.what == "hectares" else doubt.layer
        if not doubt.before:  # there is nothing to be held against
            typer.echo(f"{what}: {now}", err=True)
            continue
        typer.echo(_("{what}: {now}, the last backup has {before}", what=what, now=now, before=before), err=True)


def _finding(finding: Finding) -> dict[str, str]:
    return {"file": finding.file, "fault": finding.fault.value, "expected": finding.expected, "found": finding.found}


def _print_findings(found: dict[str, list[Finding]], damaged: list[str]) -> None:
    for name, findings in found.items():
        if not findings:
            typer.echo(_("{snapshot}: all is as it was written", snapshot=name))
        for finding in findings:
            typer.echo(f"{name}: {finding.sentence()}")
    for name in damaged:
        typer.echo(_("Damaged or of a newer version, its manifest cannot be read: {snapshot}", snapshot=name))


def _say(sentence: str, told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _print_json(told)
    else:
        typer.echo(sentence)


def _print_json(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False))
