"""`tranquera grid`: start the deployment on the running stack and follow it."""

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
from modules.run_protocol import GRID_DEPLOYMENT

#: A resolution is proposed.
_PROPOSED: Final = 0
#: Those of the deployment's own list; a test holds the two against one another.
RESOLUTIONS: Final = (_PROPOSED, 5, 6, 7, 8, 9, 10, 11, 12)


def grid(
    campania: SeasonOption = "",
    campo: FarmsOption = None,
    cultivo: CropsOption = None,
    resolucion: Annotated[
        int,
        typer.Option(
            metavar="N",
            callback=one_of(*RESOLUTIONS),
            help="H3 resolution, 5 (about 20,000 ha) to 12 (0.024 ha); by default one that suits the fields.",
        ),
    ] = _PROPOSED,
    test: TestOption = True,
    follow: FollowOption = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the H3 grid of a season's last backup on the running stack.

    Exit status 0 only when it completed. `--campo` and `--cultivo` may be given several times.
    """
    parameters = {
        "campania": campania,
        "campos": campo or [],
        "cultivos": cultivo or [],
        "resolucion": resolucion,
        "test": test,
    }
    run_deployment(GRID_DEPLOYMENT, parameters, told_grid, follow=follow, home=home, as_json=as_json)


def told_grid(result: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what `--json` tells of a grid; `files` have their paths below the output root."""
    from modules.h3_grid.result import GridResult, warning_sentences

    names = ("season", "resolution", "proposed", "fields", "cells", "rows", "hectares", "files")
    told = {"snapshot": result.get("snapshot_id")} | {name: result.get(name) for name in names}
    return told | {"warnings": warning_sentences(GridResult.from_dict(result)) if result else None}
