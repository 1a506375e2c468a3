"""What git keeps, and how it hands it out."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from modules.settings import PROJECT

#: `file:` of a secret in the example files of Compose; one of another Compose file is no secret.
SECRET = re.compile(r"^    file: \./(\S+)$", re.MULTILINE)
SECRETS = sorted({name for file in PROJECT.glob("docker-compose.*.yml") for name in SECRET.findall(file.read_text())})


def git(*words: str, status: int = 0) -> str:
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode not in {0, status}:
        pytest.fail(done.stderr)
    return done.stdout


def test_the_image_says_the_version_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert f"ARG VERSION={project['version']}\n" in (PROJECT / "Dockerfile").read_text()


def test_the_examples_have_secrets_in_files() -> None:
    assert SECRETS


@pytest.mark.parametrize("name", [*SECRETS, ".env", "links.toml", "backups/x.zip"])
def test_a_secret_is_not_kept_by_git(name: str) -> None:
    assert git("check-ignore", "--no-index", name, status=1).strip() == name


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("tranquera", "lf"),
        ("deploy/platform/dump-database.sh", "lf"),
        ("deploy/demo-portal.env", "lf"),
        (".env.example", "lf"),
        ("tranquera.cmd", "crlf"),
    ],
)
def test_what_is_run_has_the_line_ends_of_who_runs_it(name: str, ending: str) -> None:
    """A shell of Linux takes the carriage return of a clone on Windows for a part of the line's last word."""
    assert (PROJECT / name).is_file()
    assert git("check-attr", "eol", "--", name).split() == [f"{name}:", "eol:", ending]
