"""`tranquera export`: one file of some rows of a snapshot, in the format that somebody asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperOption

from app.commands.options import HomeOption, JsonOption
from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import RequestError
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, number
from modules.settings import load_settings
from modules.storage.roots import Folder
from modules.storage.sentinels import require_sentinels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.export import ExportResult
    from modules.html_map import HtmlMapResult
    from modules.snapshots.store import Snapshot

#: The format that is no layer's, but a map of all of them.
_MAP: Final = "html"
_WGS84: Final = "wgs84"


class ExportCommand(TyperCommand):
    """Its help names the formats of the registry, which takes long to import: only who asks for help waits for it."""

    def format_help(self, *asked: Any) -> None:
        """Write the help."""
        from modules.export import FORMATS

        for parameter in self.params:
            if isinstance(parameter, TyperOption) and parameter.name == "kind":
                parameter.help = f"One of {', '.join([*FORMATS, _MAP])}; see the docs."
        super().format_help(*asked)


def export(
    layer: Annotated[Layer | None, typer.Argument(help="What to export; all of it where the format is html.")] = None,
    kind: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="The file's format; see the docs."),
    ] = "gpkg",
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="A snapshot's id, or six characters of it; by default the newest.")
    ] = "",
    campania: Annotated[str, typer.Option(metavar="25/26", help="Season; by default the newest one.")] = "",
    campo: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A farm, by name or id.")] = None,
    cultivo: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A crop; “sin cultivo” for none.")] = None,
    lote: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A field, by name or id.")] = None,
    crs: Annotated[
        str, typer.Option(metavar="NAME", help="Coordinates: wgs84, posgar, utm (the strip is proposed) or EPSG:n.")
    ] = _WGS84,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File or folder to write to; by default this folder.")
    ] = None,
    production: Annotated[bool, typer.Option("--production", help="From production's snapshots, not test's.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export a layer of a snapshot, or some of its rows, to one file; or a map of all layers. Needs no running stack.

    `--campo`, `--cultivo` and `--lote` may be given several times.
    """
    season = Season.parse(campania) if campania else None
    if kind == _MAP:
        _require_whole_map(layer, crs)
        found = _snapshot(snapshot, season, home, production=production)
        _export_map(found, season, campo or (), cultivo or (), lote or (), output, replace=force, as_json=as_json)
        return
    from modules.export import ExportRequest, export_layer

    if layer is None:
        raise RequestError(
            N_("What shall be exported is missing. Nothing was written. There is: {known}."), known=", ".join(Layer)
        )
    request = ExportRequest(layer, kind, season, campo or (), cultivo or (), lote or (), crs)
    found = _snapshot(snapshot, season, home, production=production)
    result = export_layer(found, request, output or Path.cwd(), replace=force)
    if as_json:
        typer.echo(json.dumps(_told(result), ensure_ascii=False))
    else:
        _print(result)


def _require_whole_map(layer: Layer | None, crs: str) -> None:
    if layer is not None:
        raise RequestError(
            N_("The HTML map holds all layers. Nothing was written. Leave out “{layer}”, or choose another format."),
            layer=layer.value,
        )
    if crs != _WGS84:
        raise RequestError(
            N_("{format} has no choice of coordinates: leave it at wgs84, or choose another format."), format="HTML"
        )


def _export_map(
    snapshot: Snapshot,
    season: Season | None,
    farms: Sequence[str],
    crops: Sequence[str],
    fields: Sequence[str],
    output: Path | None,
    *,
    replace: bool,
    as_json: bool,
) -> None:
    from modules.html_map import HtmlMapRequest, write_html_map

    request = HtmlMapRequest(season, farms, crops, fields)
    result = write_html_map(snapshot, request, output or Path.cwd(), replace=replace)
    if as_json:
        typer.echo(json.dumps(_told_map(result), ensure_ascii=False))
    else:
        _print_map(result)


def _snapshot(text: str, season: Season | None, home: Path | None, *, production: bool) -> Snapshot:
    from modules.export import newest_snapshot
    from modules.snapshots.store import SnapshotStore

    store = SnapshotStore(load_settings(home).home, Environment.of(test=not production))
    if production:  # an unmounted folder looks like one without backups
        require_sentinels(store.home, [Folder.SNAPSHOTS])
    return store.find(text) if text else newest_snapshot(store, season)


def _told(result: ExportResult) -> dict[str, object]:
    from modules.export import warning_sentences

    return {
        "file": str(result.path.absolute()),
        "format": result.format,
        "layer": result.layer,
        "snapshot": result.snapshot_id,
        "rows": result.rows,
        "bytes": result.bytes,
        "crs": result.crs or None,
        "accuracy_m": result.accuracy_m,
        "warnings": warning_sentences(result.warnings),
    }


def _told_map(result: HtmlMapResult) -> dict[str, object]:
    from modules.export import warning_sentences

    return {
        "file": str(result.path.absolute()),
        "format": _MAP,
        "layer": None,
        "snapshot": result.snapshot_id,
        "rows": result.rows,
        "hectares": result.hectares,
        "bytes": result.bytes,
        "simplified_m": result.simplified_m,
        "warnings": warning_sentences(result.warnings),
    }


def _print_map(result: HtmlMapResult) -> None:
    from app.components.file_words import count_of
    from modules.export import warning_sentences

    rows = [count_of(Layer(layer), count) for layer, count in result.rows.items()]
    typer.echo(f"{result.path}: {', '.join([*rows, file_size(result.bytes)])}")
    for sentence in warning_sentences(result.warnings):
        typer.echo(sentence, err=True)


def _print(result: ExportResult) -> None:
    from modules.export import warning_sentences

    rows = ngettext(
        "{count} row of “{layer}”",
        "{count} rows of “{layer}”",
        result.rows,
        count=number(result.rows),
        layer=result.layer,
    )
    parts = [rows, file_size(result.bytes), *([result.crs] if result.crs else [])]
    typer.echo(f"{result.path}: {', '.join(parts)}")
    if result.accuracy_m:
        typer.echo(
            _("WGS84 and these coordinates agree to {metres} m, no better.", metres=number(result.accuracy_m, 1)),
            err=True,
        )
    for sentence in warning_sentences(result.warnings):
        typer.echo(sentence, err=True)
