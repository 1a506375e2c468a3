"""Commands in the documentation: `tranquera` understands each, and Compose is told of services there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main
import yaml

from app.cli import cli

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]
#: What the script at the top does itself, before the command line.
OF_THE_SCRIPT = {"test", "lint", "bench", "screenshots"}
#: A Compose file that the reader writes.
OF_THE_READER = "docker-compose.flujos.yml"
COMMAND = re.compile(r"(?:^ {4}|`)\.?/?tranquera (?P<rest>[^`#\n]*)", re.MULTILINE)


def documented() -> list[tuple[str, str]]:
    return [(page.name, found["rest"].strip()) for page in PAGES for found in COMMAND.finditer(page.read_text())]


def test_the_documentation_shows_commands() -> None:
    assert len(documented()) >= 10


def composed() -> list[tuple[str, str]]:
    lines = re.compile(r"^ {4,}(docker compose [^#\n|&>]*)", re.MULTILINE)
    return [(page.name, found[1].strip()) for page in PAGES for found in lines.finditer(page.read_text())]


def test_the_documentation_shows_commands_of_compose() -> None:
    assert len(composed()) >= 20


@pytest.mark.parametrize(("page", "command"), composed())
def test_documented_command_of_compose_is_about_services_there_are(page: str, command: str) -> None:
    services = set(yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"])
    words = iter(shlex.split(command)[2:])
    asked = next(words)
    while asked == "-f":
        file = next(words)
        assert file == OF_THE_READER or (PROJECT / file).exists(), command
        asked = next(words)
    assert asked in {"build", "down", "exec", "kill", "logs", "ps", "restart", "run", "start", "stop", "up"}, command
    if asked in {"exec", "logs", "ps", "restart", "kill", "start", "stop"}:
        named = [word for word in words if not word.startswith("-") and not word.isdecimal()]
        meant = named[:1] if asked == "exec" else named
        assert set(meant) <= services, f"{page}: {command}"
    for word in shlex.split(command):
        name, _, count = word.partition("=")
        if name in services and count:
            assert count.isdecimal()


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
