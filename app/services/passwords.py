"""Whether the database still has the password that everybody knows, as the composed stack notes it at each `up`.

The dashboard warns of it and does not have the password: who has it (`app.stack.container.folders`, without a network)
leaves a note beside what else the stack keeps of itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from modules.settings import KNOWN_PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "passwords.json"


@dataclass(frozen=True, slots=True)
class PasswordNote:
    """What is noted of the database's password. `known`: everybody does; `in_file`: it stands in a file of its own."""

    known: bool
    in_file: bool


def note_password(home: Path, password: str, *, in_file: bool) -> None:
    """Note how the database's password is; without one there is no note. Raises OSError."""
    note = PasswordNote(password == KNOWN_PASSWORD, in_file)
    file = home / "data" / _NAME
    file.unlink(missing_ok=True)  # and no link in its place is followed: who writes is root, the folder is not
    if password:
        with file.open("x", encoding="utf-8") as made:
            json.dump(asdict(note), made)


def read_note(home: Path) -> PasswordNote | None:
    """Read the note; None where there is none, as in an embedded stack."""
    try:
        said = json.loads((home / "data" / _NAME).read_text(encoding="utf-8"))
        return PasswordNote(bool(said["known"]), bool(said["in_file"]))
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
