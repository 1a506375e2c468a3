"""`tranquera snapshots diff`: what differs between two snapshots, in words, as JSON and as a layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app.commands.options import HomeOption, JsonOption
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import file_size, hectares, moment, number
from modules.settings import load_settings
from modules.storage.roots import Folder
from modules.storage.sentinels import require_sentinels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.changes.result import Balance, Changes
    from modules.export.result import ExportResult
    from modules.snapshots.store import Snapshot, SnapshotStore

_PIPE_WIDTH: Final = 160


def diff(
    before: Annotated[
        str, typer.Argument(metavar="[A]", help="The earlier snapshot's id; by default the last but one.")
    ] = "",
    now: Annotated[
        str, typer.Argument(metavar="[B]", help="The later snapshot's id; by default the current one of A's scope.")
    ] = "",
    layer: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the fields that differ as a GeoPackage too: a file or a folder."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    production: Annotated[
        bool, typer.Option("--production", help="Those of production; by default those of test.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what changed from one snapshot to another of the same season and farms: fields, hectares, and as a layer."""
    from modules.changes.snapshots import compare_snapshots
    from modules.changes.writing import require_layer_place, write_changes
    from modules.snapshots.store import SnapshotStore

    store = SnapshotStore(load_settings(home).home, Environment.of(test=not production))
    if production:  # an unmounted folder looks like one without backups
        require_sentinels(store.home, [Folder.SNAPSHOTS])
    pair = _pair(store, before, now)
    if layer is not None:  # before any work: what is there stays
        require_layer_place(*pair, layer, replace=force)
    changes = compare_snapshots(*pair)
    written = None if layer is None else write_changes(changes, *pair, layer, replace=force)
    if as_json:
        typer.echo(json.dumps(_told(pair, changes, written), ensure_ascii=False))
    else:
        _print(pair, changes, written)


def _pair(store: SnapshotStore, before: str, now: str) -> tuple[Snapshot, Snapshot]:
    from modules.changes.snapshots import newest_two, require_same_scope

    if not before:
        return newest_two(store)
    earlier = store.find(before)
    pair = (earlier, store.find(now) if now else newest_two(store, earlier.scope)[1])
    require_same_scope(*pair)
    return pair


def _told(pair: tuple[Snapshot, Snapshot], changes: Changes, written: ExportResult | None) -> dict[str, Any]:
    told: dict[str, Any] = {"before": pair[0].id, "now": pair[1].id, **changes.to_dict()}
    if written is not None:
        told["layer"] = {"file": str(written.path.absolute()), "rows": written.rows, "bytes": written.bytes}
    return told


def _print(pair: tuple[Snapshot, Snapshot], changes: Changes, written: ExportResult | None) -> None:
    from modules.changes.words import summary

    typer.echo(
        _(
            "From {before} ({before_id}) to {now} ({now_id}), season {season}",
            before=moment(pair[0].manifest.started_at),
            before_id=pair[0].id,
            now=moment(pair[1].manifest.started_at),
            now_id=pair[1].id,
            season=pair[1].manifest.season,
        )
    )
    typer.echo(summary(changes))
    if not changes.nothing:
        typer.echo(
            _(
                "Fields: {before} → {now}; {hectares_before} → {hectares_now}",
                before=number(changes.layers[Layer.FIELDS].before),
                now=number(changes.layers[Layer.FIELDS].now),
                hectares_before=hectares(changes.hectares_before),
                hectares_now=hectares(changes.hectares_now),
            )
        )
        _print_fields(changes)
        _print_balances(_("By farm:"), changes.farms)
        _print_balances(_("By crop:"), changes.crops)
        _print_other_layers(changes)
    if written is not None:
        rows = ngettext("{n} row", "{n} rows", written.rows, n=number(written.rows))
        typer.echo(f"{written.path}: {rows}, {file_size(written.bytes)}")


def _print_fields(changes: Changes) -> None:
    if not changes.fields:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from modules.changes.words import detail, in_reading_order, signed_hectares

    table = Table(box=None, pad_edge=False)
    for title in (_("Field"), _("Farm"), _("What changed")):
        table.add_column(title)
    table.add_column(_("Hectares"), justify="right", no_wrap=True)
    for change in in_reading_order(changes):
        # As text: a name in square brackets is no markup.
        words = (change.latest.name, change.latest.farm, detail(change, changes), signed_hectares(change.gained_ha))
        table.add_row(*map(Text, words))
    console = Console()
    if not console.is_terminal:  # a file or a pipe is as wide as it has to be
        console.width = _PIPE_WIDTH
    console.print(table)


def _print_balances(title: str, balances: Sequence[Balance]) -> None:
    from modules.changes.words import signed_hectares

    others = [each for each in balances if each.differs]
    if others:
        typer.echo(title)
    for each in others:
        before, now = hectares(each.hectares_before), hectares(each.hectares_now)
        typer.echo(f"  {each.name or _('none')}: {before} → {now} ({signed_hectares(each.gained_ha)})")


def _print_other_layers(changes: Changes) -> None:
    from modules.changes.words import layer_parts

    for name, counts in changes.layers.items():
        parts = layer_parts(counts)
        if name != Layer.FIELDS and parts:
            typer.echo(f"{name}: {', '.join(parts)}")
