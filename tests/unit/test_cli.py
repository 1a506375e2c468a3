"""In which language the command line speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run_command

ENGLISH = "TRANQUERA_LANGUAGE=en\n"


@pytest.mark.parametrize("form", ["--home {}", "--home={}"])
def test_an_error_is_said_in_the_language_of_the_home(tmp_path: Path, form: str) -> None:
    (tmp_path / ".env").write_text(ENGLISH)

    told = run_command("down", *form.format(tmp_path).split())

    assert told.returncode == 1
    assert told.stderr.startswith("Tranquera is not running in")


def test_settings_that_make_no_sense_are_told_in_the_language_among_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{ENGLISH}TRANQUERA_SHRINK_LIMIT=2\n")

    told = run_command("status", "--home", str(tmp_path))

    assert told.returncode == 2
    assert told.stderr.startswith("The setting TRANQUERA_SHRINK_LIMIT has to be less than 1.")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(ENGLISH)

    told = run_command("down", "--home", str(tmp_path), TRANQUERA_LANGUAGE="es")

    assert told.stderr.startswith("Tranquera no está en marcha")
