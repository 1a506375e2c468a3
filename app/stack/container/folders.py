"""The one-shot that makes the mounted folders writable for the user that all other containers run as.

Docker makes folders that are missing as root's. Only what is not writable yet changes hands: the folder itself and,
of the folders that are all ours (`data/tranquera`, `logs`), what is in them.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Final

from modules.settings import PROJECT

_OURS: Final = ("data", "logs")
_SHARED: Final = ("outputs", "test_outputs", "backups")


def main() -> None:
    """Hand the folders to RUN_AS_UID and RUN_AS_GID; says which."""
    uid, gid = int(os.environ["RUN_AS_UID"]), int(os.environ["RUN_AS_GID"])
    for name in _OURS:
        for path in (PROJECT / name, *(PROJECT / name).rglob("*")):
            _hand_over(path, uid, gid)
    for name in _SHARED:
        _hand_over(PROJECT / name, uid, gid)


def _hand_over(path: Path, uid: int, gid: int) -> None:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or _writable(status, uid, gid):
            return
        os.chown(path, uid, gid)
    except FileNotFoundError:
        return  # a run that goes on meanwhile throws its temporary files away
    except OSError as error:  # a share that knows no owners, as on Docker Desktop, where everybody may write
        print(f"{path} keeps its owner: {error.strerror}", file=sys.stderr)  # noqa: T201
    else:
        print(f"{path} belongs to {uid}:{gid} now")  # noqa: T201


def _writable(status: os.stat_result, uid: int, gid: int) -> bool:
    mode = status.st_mode
    return bool(mode & 0o002 or (status.st_gid == gid and mode & 0o020) or (status.st_uid == uid and mode & 0o200))


if __name__ == "__main__":
    main()
