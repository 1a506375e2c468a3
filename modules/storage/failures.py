"""What a disk says when it cannot, in words an operator can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from modules.errors import StorageError
from modules.i18n import N_

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def storage_failure(error: Exception) -> StorageError:
    """Turn an error of the operating system or of a writing library into a StorageError."""
    if isinstance(error, StorageError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageError(
            N_("The disk is full. The backup was not saved; the last one is as it was. Free some space and run again.")
        )
    return StorageError(
        N_(
            "The backup could not be written; the last one is as it was. Check that the disk has room and that its "
            "folders are connected, then run again."
        )
    )


@contextmanager
def explained(*others: type[Exception]) -> Iterator[None]:
    """Turn OSError, and `others` that a writing library raises, into StorageError inside the block."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (OSError, *others)):
            raise storage_failure(error) from error
        raise
