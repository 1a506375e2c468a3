"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder with outputs, data and logs. By default the project's own."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for scripts.")]
