"""The note about the database's password: it tells how the password is, and not what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.passwords import PasswordNote, note_password, read_note
from modules.settings import KNOWN_PASSWORD, PROJECT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path


def note_file(home: Path) -> Path:
    (file,) = (home / "data").iterdir()
    return file


def test_the_password_of_the_example_is_the_one_that_everybody_knows(home: Path):
    assert f"#PREFECT_POSTGRES_PASSWORD={KNOWN_PASSWORD}\n" in (PROJECT / ".env.example").read_text()
    note_password(home, KNOWN_PASSWORD, in_file=False)
    assert read_note(home) == PasswordNote(known=True, in_file=False)


def test_the_password_itself_is_not_noted(home: Path):
    note_password(home, "canary-7f3a", in_file=True)
    assert read_note(home) == PasswordNote(known=False, in_file=True)
    assert "canary" not in note_file(home).read_text()


def test_without_a_password_there_is_no_note(home: Path):
    assert read_note(home) is None
    note_password(home, KNOWN_PASSWORD, in_file=False)
    note_password(home, "", in_file=False)
    assert read_note(home) is None


def test_who_writes_as_root_follows_no_link(home: Path):
    (home / "elsewhere").write_text("as it was")
    (home / "data" / "passwords.json").symlink_to(home / "elsewhere")
    note_password(home, "own", in_file=False)
    assert (home / "elsewhere").read_text() == "as it was"
    assert read_note(home) == PasswordNote(known=False, in_file=False)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"known": true}', '"known"', "[" * 100_000])
def test_half_a_note_is_none(home: Path, text: str):
    (home / "data" / "passwords.json").write_text(text)
    assert read_note(home) is None
