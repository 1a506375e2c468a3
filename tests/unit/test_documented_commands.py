"""Commands in the documentation: `tranquera` understands each, and Compose is told of services there are."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import typer.main
import yaml

from app.cli import cli

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]
#: What the script at the top does itself, before the command line.
OF_THE_SCRIPT = {"test", "install", "lint", "bench", "screenshots"}
#: Compose files that the reader writes.
OF_THE_READER = {"docker-compose.flujos.yml", "mine.yml"}
#: What has to be named on Windows for the first start, when there is no production yet.
BEFORE_PRODUCTION = ["docker-compose.volumes.example.yml"]
#: The one that stands by itself: on its machine there is no production but the shared folder.
BY_ITSELF = "docker-compose.worker.example.yml"
#: Options of Compose with a word of their own behind them.
WITH_A_WORD = {"-e", "--env", "--scale", "--tail", "-u", "--user", "-t", "--timeout"}
#: Commands of Compose about services; behind the first that is named, the last two take what runs in it.
ABOUT_SERVICES = {"build", "kill", "logs", "ps", "pull", "restart", "start", "stop", "up", "run", "exec"}
COMMAND = re.compile(r"(?:^ {4}|`)\.?/?tranquera (?P<rest>[^`#\n]*)", re.MULTILINE)


#: The command line as Click has it, which takes a while to make.
TRANQUERA = typer.main.get_command(cli)


def documented() -> list[tuple[str, str]]:
    return [(page.name, found["rest"].strip()) for page in PAGES for found in COMMAND.finditer(page.read_text())]


def test_the_documentation_shows_commands() -> None:
    assert len(documented()) >= 10


def composed() -> list[tuple[str, str]]:
    """Commands of Compose on lines of their own and within sentences, without what is joined to them."""
    shown = re.compile(r"^ {4,}(docker compose [^#\n|&>]*)|`(docker compose [^`#|&>]*)`", re.MULTILINE)
    found = {
        (page.name, " ".join((own or within).split()))
        for page in PAGES
        for own, within in shown.findall(page.read_text())
    }
    return sorted((page, command) for page, command in found if "…" not in command)


@cache
def composed_services() -> set[str]:
    return set(yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"])


def test_the_documentation_shows_commands_of_compose() -> None:
    assert len(composed()) >= 20


def test_no_command_leaves_out_the_mounts_of_production() -> None:
    """With `-f`, Compose reads no docker-compose.override.yml, in which the folders of production are mounted."""
    named = re.compile(r"docker[- ]compose\s+((?:(?:-f|--file)[\s=]\S+\s+)+)")
    shown = [found[1].split() for text in settings_and_pages().values() for found in named.finditer(text)]
    assert not shown
    assert named.search("docker compose -f docker-compose.worker.example.yml up"), "it would be found"


def test_compose_files_that_are_to_be_named_are_there_and_production_is_among_them() -> None:
    named = re.compile(r"COMPOSE_FILE=([\w.:;-]+)(?=(.{,300}))", re.DOTALL)
    shown = [found.groups() for text in settings_and_pages().values() for found in named.finditer(text)]
    assert len(shown) >= 5
    for files, behind in shown:
        first, *more = re.split("[:;]", files)
        if files == BY_ITSELF:
            continue
        assert first == "docker-compose.yml"
        if more == BEFORE_PRODUCTION:
            assert "docker-compose.override.yml" in behind, "what comes in with production is said beside it"
        else:
            assert more[0] == "docker-compose.override.yml"
            assert set(more[1:]) <= OF_THE_READER | {file.name for file in PROJECT.glob("docker-compose.*.example.yml")}


def settings_and_pages() -> dict[str, str]:
    files = [*PAGES, *PROJECT.glob("docker-compose*.yml"), PROJECT / ".env.example"]
    return {file.name if file.parent == PROJECT else str(file): file.read_text() for file in files}


@pytest.mark.parametrize(("page", "command"), composed())
def test_documented_command_of_compose_is_about_services_there_are(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)[2:]
    services = composed_services()
    asked, *rest = words
    assert asked in ABOUT_SERVICES | {"down", "version"}, command
    named: list[str] = []
    while rest and (asked not in {"run", "exec"} or not named):
        word = rest.pop(0)
        if word in WITH_A_WORD:
            value = rest.pop(0)
            if word == "--scale":
                service, _, count = value.partition("=")
                assert service in services, command
                assert count.isdecimal(), command
        elif not word.startswith("-"):
            named.append(word)
    assert set(named) <= services, f"{page}: {command}"
    if rest[:1] == ["tranquera"]:
        assert_understood(page, rest[1:], tmp_path, monkeypatch)


def test_commands_of_tranquera_in_a_container_are_among_them() -> None:
    assert sum(" dashboard tranquera " in command for _page, command in composed()) >= 3


@pytest.mark.parametrize(("page", "command"), documented())
def test_documented_command_is_understood(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_understood(page, shlex.split(command), tmp_path, monkeypatch)


def assert_understood(page: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = shlex.join(words)
    monkeypatch.chdir(tmp_path)
    for word in words:
        if word.endswith((".gpkg", ".zip")):  # the reader's own file
            Path(word).touch()
    if words[0] in OF_THE_SCRIPT:
        return
    context = TRANQUERA.make_context("tranquera", words, resilient_parsing=False)
    while hasattr(context.command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        if not rest and context.command.invoke_without_command:
            return
        assert rest, f"{page}: “{command}” stops at a group"
        name, found, left = context.command.resolve_command(context, rest)
        assert found is not None, f"{page}: “{command}” is not a command"
        context = found.make_context(name, left, parent=context)
