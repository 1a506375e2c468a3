"""What `--json` prints when nothing could be started."""

from __future__ import annotations

import json

import typer

from modules.errors import TranqueraError


def echo_refusal(error: TranqueraError) -> None:
    """Print the one object of a command that was refused; the sentence for people goes to standard error besides."""
    typer.echo(json.dumps({"state": None, "error": str(error)}, ensure_ascii=False))
