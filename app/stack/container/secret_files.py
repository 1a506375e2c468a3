"""Secrets as files: `NAME_FILE=/run/secrets/…` in place of `NAME=…`, as the images of postgres and others take them.

The main process of a container reads them for what it starts. What somebody starts beside it with `docker compose exec`
(`prefect …`, `python flows/….py`, `tranquera backup`) has only what Compose gave the container: the image has
`secrets.pth` where each interpreter looks when it begins, and that reads them too. So this imports next to nothing.
"""

from __future__ import annotations

import os
from typing import Final

#: Those of Prefect; the settings of the program read their own files themselves.
_NAMES: Final = ("PREFECT_SERVER_DATABASE_PASSWORD", "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")


def read_secret_files() -> None:
    """Put what the files say into the environment. Raises SettingsError for one that cannot be read.

    An empty one is taken away, in a file too: to Prefect's server it would be a password that nobody can give.
    """
    for name in _NAMES:
        try:
            _read(name)
        except (OSError, UnicodeDecodeError):
            from modules.errors import SettingsError
            from modules.i18n import N_

            raise SettingsError(
                N_("The file {file} that {name} names cannot be read. Correct the setting or the file."),
                file=os.environ[f"{name}_FILE"],
                name=f"{name}_FILE",
            ) from None


def take_what_can_be_read() -> None:
    """Do the same as an interpreter begins; what is wrong with a file says the container's main process."""
    for name in _NAMES:
        try:
            _read(name)
        except (OSError, UnicodeDecodeError):
            continue


def _read(name: str) -> None:
    file = os.environ.get(f"{name}_FILE")
    if file:
        with open(file, encoding="utf-8") as secret:  # noqa: PTH123  (pathlib would be one more import)
            os.environ[name] = secret.read().strip() or os.environ.get(name, "")
    if not os.environ.get(name):
        os.environ.pop(name, None)
