"""`tranquera kmz`: start the deployment on the running stack and follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from app.commands.deployment import run_deployment
from app.commands.options import (
    CropsOption,
    FarmsOption,
    FollowOption,
    HomeOption,
    JsonOption,
    SeasonOption,
    TestOption,
    one_of,
)
from modules.i18n.notices import recorded_warnings
from modules.kmz_products.request import ALL_PRODUCTS, Label
from modules.run_protocol import KMZ_DEPLOYMENT
from modules.storage.roots import Folder

_MAP: Final = Folder.HTML_MAP.value
_PRODUCTS: Final = [product.value for product in ALL_PRODUCTS]


def kmz(
    context: typer.Context,
    campania: SeasonOption = "",
    producto: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            callback=one_of(*_PRODUCTS, _MAP),
            help=f"A folder to make anew: {', '.join(_PRODUCTS)}, {_MAP}. All but the map by default.",
        ),
    ] = None,
    mapa_html: Annotated[bool, typer.Option("--mapa-html", help="Make the HTML map too.")] = False,
    campo: FarmsOption = None,
    cultivo: CropsOption = None,
    etiquetas: Annotated[
        str,
        typer.Option(
            metavar="TEXT", callback=one_of(*Label), help=f"What is written on each field: {', '.join(Label)}."
        ),
    ] = Label.NAME_AND_HECTARES.value,
    nombres_terminal: Annotated[
        bool,
        typer.Option(
            "--nombres-terminal/--sin-nombres-terminal", help="Add the columns by which machine terminals know a field."
        ),
    ] = True,
    productor: Annotated[str, typer.Option(metavar="NAME", help="The grower, for machine terminals.")] = "",
    test: TestOption = True,
    follow: FollowOption = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the KMZ and the HTML map of a season's last backup on the running stack.

    Exit status 0 only when it completed. `--producto`, `--campo` and `--cultivo` may be given several times.
    """
    if context.invoked_subcommand is not None:
        return
    products = dict.fromkeys([*(producto or _PRODUCTS), *([_MAP] if mapa_html else [])])
    parameters = {
        "campania": campania,
        "productos": list(products),
        "campos": campo or [],
        "cultivos": cultivo or [],
        "etiquetas": etiquetas,
        "nombres_terminal": nombres_terminal,
        "productor": productor,
        "test": test,
    }
    run_deployment(KMZ_DEPLOYMENT, parameters, told_kmz, follow=follow, home=home, as_json=as_json)


def told_kmz(result: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what `--json` tells of the KMZ products: the season, the snapshot's id, each folder, and warnings."""
    folders = result.get("products")
    return {
        "season": result.get("season"),
        "snapshot": result.get("snapshot"),
        "fields": result.get("fields"),
        "hectares": result.get("hectares"),
        "files": sum(made["files"] for made in folders.values()) if folders is not None else None,
        "products": folders,
        "warnings": recorded_warnings(result.get("warnings", ())) if result else None,
    }
