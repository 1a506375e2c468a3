"""`tranquera backup`: start the deployment on the running stack and follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.commands.deployment import run_deployment
from app.commands.options import FollowOption, HomeOption, JsonOption, SeasonOption, TestOption
from modules.run_protocol import BACKUP_DEPLOYMENT


def backup(
    campania: SeasonOption = "",
    campo: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A farm; all by default.")] = None,
    test: TestOption = True,
    follow: FollowOption = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the fields of a season on the running stack. Exit status 0 only when it completed."""
    parameters = {"campania": campania, "campos": campo or [], "test": test}
    run_deployment(BACKUP_DEPLOYMENT, parameters, told_backup, follow=follow, home=home, as_json=as_json)


def told_backup(result: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what `--json` tells of a backup."""
    return {
        "snapshot": result.get("snapshot_path"),
        "counts": result.get("counts"),
        "rejected": len(result["rejected"]) if "rejected" in result else None,
        "hectares": result.get("hectares"),
    }
