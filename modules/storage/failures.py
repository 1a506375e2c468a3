"""What a disk says when it cannot, in words an operator can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from modules.errors import StorageError
from modules.i18n import N_

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said of a disk that is full, and of any other failure."""

    full: str
    other: str


OF_A_BACKUP: Final = Sentences(
    N_("The disk is full. The backup was not saved; the last one is as it was. Free some space and run again."),
    N_(
        "The backup could not be written; the last one is as it was. Check that the disk has room and that its "
        "folders are connected, then run again."
    ),
)


def storage_failure(error: Exception, sentences: Sentences = OF_A_BACKUP) -> StorageError:
    """Turn an error of the operating system or of a writing library into a StorageError."""
    if isinstance(error, StorageError):
        return error
    full = isinstance(error, OSError) and error.errno in _FULL
    return StorageError(sentences.full if full else sentences.other)


@contextmanager
def explained(*others: type[Exception], sentences: Sentences = OF_A_BACKUP) -> Iterator[None]:
    """Turn OSError, and `others` that a writing library raises, into StorageError inside the block."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (OSError, *others)):
            raise storage_failure(error, sentences) from error
        raise
