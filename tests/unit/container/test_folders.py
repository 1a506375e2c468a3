"""The mounted folders change hands, and what is thrown away meanwhile is nobody's fault."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.services.passwords import PasswordNote, read_note
from app.stack.container import folders


@pytest.mark.skipif(sys.platform == "win32", reason="owners as Linux has them")
def test_what_is_gone_by_its_turn_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "data" / "exports").mkdir(parents=True)
    (tmp_path / "test_outputs").mkdir()
    (tmp_path / "test_outputs").chmod(0o555)  # so that it has to be handed over, to who has it
    monkeypatch.setattr(folders, "PROJECT", tmp_path)  # logs, outputs and backups are not there
    monkeypatch.setenv("RUN_AS_UID", str(os.getuid()))
    monkeypatch.setenv("RUN_AS_GID", str(os.getgid()))
    folders.main()
    said = capsys.readouterr()
    assert f"{tmp_path / 'test_outputs'} belongs to" in said.out
    assert said.err == ""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(folders, "PROJECT", tmp_path)
    monkeypatch.setenv("RUN_AS_UID", "1000")
    monkeypatch.setenv("RUN_AS_GID", "1000")
    for name in ("PREFECT_SERVER_DATABASE_PASSWORD", "PREFECT_SERVER_DATABASE_PASSWORD_FILE"):
        monkeypatch.setenv(name, "")  # so that what is read into them is taken back
    return tmp_path


@pytest.mark.parametrize(("password", "known"), [("prefect", True), ("canary-7f3a", False)])
@pytest.mark.parametrize("in_file", [False, True])
def test_whether_the_databases_password_is_known_is_noted(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str,
    known: bool,
    in_file: bool,
):
    (home / "secret").write_text(f"{password}\n")
    name, value = ("_FILE", str(home / "secret")) if in_file else ("", password)
    monkeypatch.setenv(f"PREFECT_SERVER_DATABASE_PASSWORD{name}", value)
    folders.main()
    assert read_note(home) == PasswordNote(known, in_file)
    assert "canary" not in "".join(capsys.readouterr())


def test_nothing_is_kept_from_starting_by_a_secret_that_cannot_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_PASSWORD_FILE", "/nowhere/password")
    folders.main()
    assert read_note(home) is None
    assert "/nowhere/password" in capsys.readouterr().err
