"""Files that we write beside those of other people: each says so in its first line, and what is not ours is left alone.

The first line carries a digest of the rest. So a file that somebody added to is known too, and not written over.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.atomic import replace_bytes

_HEADER: Final = "# Made by: tranquera links ({digest}). Changes belong into links.toml; then run it again."
_OURS: Final = re.compile(re.escape(_HEADER).replace(r"\{digest\}", "([0-9a-f]{16})"))


def write_ours(path: Path, body: str, *, encoding: str = "utf-8", newline: str = "\n") -> None:
    """Write a file below our first line, whole or not at all. Raises StorageError as `require_ours` does, OSError."""
    require_ours(path, encoding=encoding)
    text = f"{_HEADER.format(digest=_digest(body))}\n{body}"
    replace_bytes(path, text.replace("\n", newline).encode(encoding))


def require_ours(path: Path, *, encoding: str = "utf-8") -> None:
    """Make sure that nothing of other people would be lost by writing `path`. Raises StorageError."""
    if (path.exists() or path.is_symlink()) and read_ours(path, encoding=encoding) is None:
        raise StorageError(
            N_(
                "“{file}” was not made by this command, or somebody has changed it since. Nothing was changed. Move it "
                "aside and run again; what else is wanted for Docker can stand in another file, named in COMPOSE_FILE."
            ),
            file=path.name,
        )


def read_ours(path: Path, *, encoding: str = "utf-8") -> str | None:
    """Read what we wrote below the first line; None when it is not there, not ours, or not as we wrote it."""
    try:
        text = path.read_bytes().decode(encoding).replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
    head, _newline, body = text.partition("\n")
    found = _OURS.fullmatch(head)
    return body if found and found[1] == _digest(body) else None


def _digest(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
