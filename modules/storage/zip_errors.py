"""What Python's zipfile and zlib raise of archives that are damaged or lie; none of it names a cause by itself."""

from __future__ import annotations

import struct
import zlib
from typing import Final
from zipfile import BadZipFile

#: NotImplementedError is zipfile's for a version or a way of packing that it does not know, RuntimeError for passwords.
BROKEN_ZIP: Final = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)
