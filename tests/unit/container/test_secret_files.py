"""What is started by hand in a container takes its secrets from files too: each interpreter of the image does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from modules.settings import PROJECT
from tests.conftest import clean_environment

LINE = (PROJECT / "app" / "stack" / "container" / "secrets.pth").read_text()
NAME = "PREFECT_API_AUTH_STRING"


def begun(**environment: str) -> subprocess.CompletedProcess[str]:
    """Begin an interpreter as the image does, and have it say what it knows and what it had to import for it."""
    say = f"import os, sys; print(os.environ.get({NAME!r}, 'none'), sorted(set(sys.modules) & {{'modules', 'app'}}))"
    return subprocess.run(
        [sys.executable, "-c", f"{LINE}\n{say}"],
        cwd=PROJECT,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_it_is_one_line_that_begins_as_such_files_have_to():
    assert LINE.startswith("import ")
    assert LINE.count("\n") == 1
    assert "secrets.pth" in (PROJECT / "Dockerfile").read_text()


def test_a_file_goes_before_the_environment(tmp_path: Path):
    (tmp_path / "secret").write_text("user:of the file\n")
    told = begun(**{NAME: "user:other", f"{NAME}_FILE": str(tmp_path / "secret")}).stdout
    assert told == "user:of the file ['app']\n"


def test_an_empty_file_is_no_secret(tmp_path: Path):
    (tmp_path / "secret").write_text("")
    assert begun(**{NAME: "", f"{NAME}_FILE": str(tmp_path / "secret")}).stdout.startswith("none ")
    assert begun(**{NAME: "user:other", f"{NAME}_FILE": str(tmp_path / "secret")}).stdout.startswith("user:other ")


def test_without_files_nothing_is_imported():
    assert begun().stdout == "none []\n"


def test_a_file_that_is_not_there_stops_no_interpreter():
    done = begun(**{f"{NAME}_FILE": os.fspath(Path("/nowhere/secret"))})
    assert (done.stdout, done.stderr) == ("none ['app']\n", "")
