"""Where a file that somebody asked for goes, under which name, and what is said when it cannot be written."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final

from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.storage.atomic import replacing, sweep
from modules.storage.safe_names import safe_name

#: A temporary that nobody has written to for so long belongs to an export that was killed.
_ABANDONED_S: Final = 600
#: How many words of a filter a proposed file name repeats.
_WORDS_IN_NAME: Final = 3
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def proposed_name(
    head: Sequence[str], wanted: Sequence[str], tail: Sequence[str], suffix: str, folder: Path | None = None
) -> str:
    """Propose a file name, safe on Windows: `head`, the first words of a filter, `tail`."""
    shown = [*wanted[:_WORDS_IN_NAME]]
    if len(wanted) > _WORDS_IN_NAME:
        shown.append(f"y {len(wanted) - _WORDS_IN_NAME} más")
    return safe_name(" ".join([*head, *shown, *tail]), suffix, folder=folder)


def require_place(path: Path, title: str, suffix: str, *, replace: bool) -> Path:
    """Give `path` back when a file of the format `title` may be written there.

    Raises RequestError for another ending, for a folder that is not there, and for a file that is, unless `replace`.
    """
    ending = f".{suffix.rsplit('.', maxsplit=1)[-1]}"
    if path.suffix.casefold() != ending:
        raise RequestError(
            N_("A file of {format} ends in “{ending}”: “{file}” does not. Nothing was written."),
            format=title,
            ending=ending,
            file=path.name,
        )
    if not path.parent.is_dir():
        raise RequestError(N_("There is no folder “{name}” here."), name=path.parent.name)
    if path.exists() and not replace:
        raise RequestError(
            N_("“{file}” is there already, and stays as it is. Choose another name, or say that it shall be replaced."),
            file=path.name,
        )
    return path


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield a temporary that takes the place of `path` when the block ends well; what a killed one left is swept.

    Raises StorageError for what the system and GDAL raise.
    """
    # Temporaries are named after their target, so that they are known as its own.
    owner = f"exp-{blake2b(path.name.encode(errors='surrogatepass'), digest_size=4).hexdigest()}-"
    with _explained(path):
        sweep([path.parent], owner, untouched_s=_ABANDONED_S)
        with replacing(path, owner) as temporary:
            yield temporary


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system and GDAL raise while `path` is written into StorageError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise StorageError(
                N_("The disk is full: “{file}” was not written. Free some space and export again."), file=path.name
            ) from error
        if isinstance(error, OSError) or _of_gdal(error):
            raise StorageError(
                N_("“{file}” could not be written. Check that its disk is connected and has room, then export again."),
                file=path.name,
            ) from error
        raise


def _of_gdal(error: Exception) -> bool:
    """Tell without importing it: that takes half a second, and not every format needs it."""
    return type(error).__module__.startswith("pyogrio")
