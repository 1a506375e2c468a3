"""`tranquera portal`: the portal simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modules.domain.season import Season
from modules.errors import RequestError
from modules.i18n import N_


def portal(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8790,
    host: Annotated[
        str | None, typer.Option(metavar="NAME", help="Listen beyond this machine too, and answer to this name.")
    ] = None,
    fields: Annotated[int, typer.Option(min=1, help="How many fields to make up.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same fields.")] = 1,
    zones: Annotated[
        int | None, typer.Option(min=1, help="Management zones of each field; 3 to 6 when not given.")
    ] = None,
    markers: Annotated[int | None, typer.Option(min=1, help="Markers of each field; 1 or 2 when not given.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(exists=True, help="Serve the fields of this file instead; any format GDAL reads. Repeatable."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=THEIRS", help="A column of the files: id, lote, campo, cultivo, superficie_ha."),
    ] = None,
    campania: Annotated[
        list[str] | None, typer.Option(help="Season to serve the files for, like 25/26; all when not given.")
    ] = None,
    latency: Annotated[int, typer.Option(min=0, help="Milliseconds before each page of a layer.")] = 0,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Misbehave; an unknown name lists all. Repeatable.")
    ] = None,
) -> None:
    """Serve invented fields, or those of files, as the portal would."""
    from modules.sources.databaler.simulator.ground import Amounts
    from modules.sources.databaler.simulator.running import SimulatorOptions, serve

    usual = Amounts()
    options = SimulatorOptions(
        amounts=Amounts(
            fields=fields,
            seed=seed,
            zones=(zones, zones) if zones else usual.zones,
            markers=(markers, markers) if markers else usual.markers,
        ),
        files=tuple(data or ()),
        columns=dict(_pair(text) for text in column or ()),
        seasons=tuple(Season.parse(text) for text in campania or ()),
        latency_s=latency / 1000,
        faults=tuple(fault or ()),
    )
    listen = "0.0.0.0" if host else "127.0.0.1"  # noqa: S104  (it was asked for)
    names = [host] if host else []
    serve(options, port, ready=lambda address: typer.echo(f"ready {address}"), address=listen, hosts=names)


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals:
        raise RequestError(N_("A column is written OURS=THEIRS; “{text}” is not."), text=text)
    return ours.strip(), theirs.strip()
