"""Secrets as files: `NAME_FILE=/run/secrets/…` in place of `NAME=…`, as the images of postgres and others take them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from modules.errors import SettingsError
from modules.i18n import N_

#: Those of Prefect; the settings of the program read their own files themselves.
_NAMES: Final = ("PREFECT_SERVER_DATABASE_PASSWORD", "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")


def read_secret_files() -> None:
    """Put what the files say into the environment. Raises SettingsError for one that cannot be read.

    An empty one is taken away, in a file too: to Prefect's server it would be a password that nobody can give.
    """
    for name in _NAMES:
        file = os.environ.get(f"{name}_FILE")
        if file:
            try:
                os.environ[name] = Path(file).read_text(encoding="utf-8").strip() or os.environ.get(name, "")
            except (OSError, UnicodeDecodeError):
                raise SettingsError(
                    N_("The file {file} that {name} names cannot be read. Correct the setting or the file."),
                    file=file,
                    name=f"{name}_FILE",
                ) from None
        if not os.environ.get(name):
            os.environ.pop(name, None)
