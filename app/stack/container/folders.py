"""The one-shot that makes the mounted folders writable for the user that all other containers run as.

It notes there, too, whether the database has the password that everybody knows: it runs at each `up`, with no network.

Docker makes folders that are missing as root's. Only what is not writable yet changes hands: the folder itself and,
of the folders that are all ours (`data/tranquera`, `logs`), what is in them.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Final

from app.services.passwords import note_password
from app.stack.container.secret_files import read_secret_files
from modules.errors import SettingsError
from modules.settings import PROJECT

_PASSWORD: Final = "PREFECT_SERVER_DATABASE_PASSWORD"  # noqa: S105  (its name)
_OURS: Final = ("data", "logs")
_SHARED: Final = ("outputs", "test_outputs", "backups")


def main() -> None:
    """Note how the database's password is, and hand the folders to RUN_AS_UID and RUN_AS_GID; says which."""
    _note_password()
    uid, gid = int(os.environ["RUN_AS_UID"]), int(os.environ["RUN_AS_GID"])
    for name in _OURS:
        for path in (PROJECT / name, *(PROJECT / name).rglob("*")):
            _hand_over(path, uid, gid)
    for name in _SHARED:
        _hand_over(PROJECT / name, uid, gid)


def _note_password() -> None:
    """Note it, or leave no note: nothing is kept from starting for want of one.

    A worker on another machine is told of no database: a note that is there stays.
    """
    if not any(name in os.environ for name in (_PASSWORD, f"{_PASSWORD}_FILE")):
        return
    password = ""
    try:
        read_secret_files()
        password = os.environ.get(_PASSWORD, "")
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
    try:
        note_password(PROJECT, password, in_file=bool(os.environ.get(f"{_PASSWORD}_FILE")))
    except OSError as error:
        print(f"No note about the database's password: {error.strerror}", file=sys.stderr)  # noqa: T201


def _hand_over(path: Path, uid: int, gid: int) -> None:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or _writable(status, uid, gid):
            return
        os.chown(path, uid, gid, follow_symlinks=False)
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
