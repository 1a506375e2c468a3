"""Every `tranquera` command in the documentation is one the command line understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from app.cli import cli

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
#: What the script at the top does itself, before the command line.
OF_THE_SCRIPT = {"test", "lint", "bench", "screenshots"}
COMMAND = re.compile(r"(?:^ {4}|`)\.?/?tranquera (?P<rest>[^`#\n]*)", re.MULTILINE)


def documented() -> list[tuple[str, str]]:
    return [(page.name, found["rest"].strip()) for page in PAGES for found in COMMAND.finditer(page.read_text())]


def test_the_documentation_shows_commands() -> None:
    assert len(documented()) >= 10


@pytest.mark.parametrize(("page", "command"), documented())
def test_documented_command_is_understood(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)
    monkeypatch.chdir(tmp_path)
    for word in words:
        if word.endswith((".gpkg", ".zip")):  # the reader's own file
            Path(word).touch()
    if words[0] in OF_THE_SCRIPT:
        return
    context = typer.main.get_command(cli).make_context("tranquera", words, resilient_parsing=False)
    while hasattr(context.command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        if not rest and context.command.invoke_without_command:
            return
        assert rest, f"{page}: “{command}” stops at a group"
        name, found, left = context.command.resolve_command(context, rest)
        assert found is not None, f"{page}: “{command}” is not a command"
        context = found.make_context(name, left, parent=context)
